import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { OperatorShell } from "./operator-shell.ts";

/** The command lines of what runs in a shell, whoever started it: all that has the shell's HOME in its environment. */
export function processesOf(shell: Pick<OperatorShell, "variables">): string[] {
  return findProcesses(shell).map((pid) => read(pid, "cmdline").join(" ").trim());
}

/** Kills at once what runs in a shell with such a command line, and says how many that were. */
export function killThose(shell: Pick<OperatorShell, "variables">, line: RegExp): number {
  const found = findProcesses(shell).filter((pid) => line.test(read(pid, "cmdline").join(" ")));
  for (const pid of found) process.kill(Number(pid), "SIGKILL");
  return found.length;
}

/** Kills what still runs in a shell: a test that failed may have left helmfiles behind that wait for minutes. */
export function killProcessesOf(shell: Pick<OperatorShell, "variables">): void {
  for (const pid of findProcesses(shell)) {
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It ended in the meantime.
    }
  }
}

function findProcesses({ variables }: Pick<OperatorShell, "variables">): string[] {
  if (!existsSync("/proc")) return [];
  const home = `HOME=${variables.HOME}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(pid, "environ").includes(home));
}

function read(pid: string, what: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8").split("\0");
  } catch {
    // It ended in the meantime, or is somebody else's.
    return [];
  }
}
