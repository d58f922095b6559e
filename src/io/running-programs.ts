import type { ChildProcess } from "node:child_process";

/** Processes that this one started and that have not ended, each the leader of its own group, and what they run. */
export const runningPrograms = new Map<Pick<ChildProcess, "pid">, string>();

let killed = false;

/** Whether everything has been killed: then there is nothing to wait for any more. */
export function wereKilled(): boolean {
  return killed;
}

/** Whether anything of the program's group is still there. */
export function groupExists({ pid }: Pick<ChildProcess, "pid">): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Kills every program that is still running, with its group: nothing stays behind. */
export function killAllPrograms(): void {
  killed = true;
  for (const child of runningPrograms.keys()) signalGroup(child, "SIGKILL");
}

export function signalGroup({ pid }: Pick<ChildProcess, "pid">, signal: "SIGINT" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended in the meantime.
  }
}
