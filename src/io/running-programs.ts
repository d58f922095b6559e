import type { ChildProcess } from "node:child_process";

/** Processes that this one started and that have not ended, each the leader of its own process group. */
export const runningPrograms = new Set<Pick<ChildProcess, "pid">>();

/** Kills every program that is still running, with its group: nothing stays behind. */
export function killAllPrograms(): void {
  for (const child of runningPrograms) signalGroup(child, "SIGKILL");
}

export function signalGroup({ pid }: Pick<ChildProcess, "pid">, signal: "SIGINT" | "SIGKILL"): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended in the meantime.
  }
}
