import { readdirSync, readFileSync } from "node:fs";
import type { OperatorShell } from "./operator-shell.ts";

/** The command lines of what runs in a shell, whoever started it: all that has the shell's HOME in its environment. */
export function processesOf({ variables }: Pick<OperatorShell, "variables">): string[] {
  const home = `HOME=${variables.HOME}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => read(pid, "environ").includes(home))
    .map((pid) => read(pid, "cmdline").join(" ").trim());
}

function read(pid: string, what: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8").split("\0");
  } catch {
    // It ended in the meantime, or is somebody else's.
    return [];
  }
}
