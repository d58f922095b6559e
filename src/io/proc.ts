import { readdirSync, readFileSync, statSync } from "node:fs";

/** The numbers of all processes that `/proc` shows: none where there is no `/proc`. */
export function processIds(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Whether it is this user's: of others nothing can be read, and reading may wait for one that hangs. */
export function isOwnProcess(pid: number): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === process.getuid?.();
  } catch {
    return false;
  }
}

/** The words of its command line, or its variables. Empty for a process that has ended. */
export function wordsOf(pid: number, file: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** The number of its process group, and whether it has ended and was only not buried by its parent yet. */
interface Standing {
  readonly group: number;
  readonly isDead: boolean;
}

/** Undefined for a process that is gone. */
export function standingOf(pid: number): Standing | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The third field stands behind the program's name in brackets, which may hold anything.
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return { group: Number(group), isDead: state === "Z" || state === "X" };
  } catch {
    return undefined;
  }
}
