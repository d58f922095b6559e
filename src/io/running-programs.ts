import type { ChildProcess } from "node:child_process";

/** Processes that this one started and that have not ended, each the leader of its own group, and what they run. */
export const runningPrograms = new Map<Pick<ChildProcess, "pid">, string>();

/** Kills every program that is still running, with its group: nothing stays behind. */
export function killAllPrograms(): void {
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
