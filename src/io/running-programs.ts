import type { ChildProcess } from "node:child_process";
import { hasLivingMember } from "./proc.ts";

type Program = Pick<ChildProcess, "pid">;

/** Processes that this one started and that have not ended, each the leader of its own group, and what they run. */
const running = new Map<Program, string>();

const watchers = new Set<() => void>();

/** What is to be done right before everything is killed. */
const lastWork = new Set<() => void>();

let killed = false;

/**
 * Keeps account of a program that leads a process group of its own: such a group outlives this process if nobody
 * ends it, whatever ends this process. The answer is to be called when the program has ended.
 */
export function keepAccount(program: Program, command: readonly string[]): () => void {
  if (running.size === 0) process.on("exit", killAllPrograms);
  running.set(program, command.join(" "));
  for (const told of watchers) told();
  return () => {
    running.delete(program);
    for (const told of watchers) told();
    if (running.size === 0) process.off("exit", killAllPrograms);
  };
}

/** Told whenever a program has begun or ended; must not throw. The answer ends that. */
export function watchPrograms(told: () => void): () => void {
  watchers.add(told);
  return () => watchers.delete(told);
}

/** The numbers of the programs that run now, and of their groups. */
export function runningGroups(): number[] {
  return [...running.keys()].flatMap(({ pid }) => pid ?? []);
}

/** The commands that run now. */
export function runningCommands(): string[] {
  return [...running.values()];
}

/**
 * Has something done right before everything is killed, once: also where this process ends while programs run, so it
 * must not wait for anything. The answer takes it back.
 */
export function beforeKill(work: () => void): () => void {
  lastWork.add(work);
  return () => lastWork.delete(work);
}

/** Kills every program that is still running, with its group: nothing stays behind. */
export function killAllPrograms(): void {
  killed = true;
  for (const work of lastWork) {
    lastWork.delete(work);
    work();
  }
  for (const program of running.keys()) signalGroup(program, "SIGKILL");
}

/** Whether everything has been killed: then there is nothing to wait for any more. */
export function wereKilled(): boolean {
  return killed;
}

/** Whether anything of the program's group still runs. */
export function groupRuns(program: Program): boolean {
  return program.pid !== undefined && signalGroup(program, 0) && hasLivingMember(program.pid);
}

/** False where nothing of the group is there any more. */
export function signalGroup({ pid }: Program, signal: "SIGINT" | "SIGTERM" | "SIGKILL" | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}
