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

interface Standing {
  /** The number of its process group. */
  readonly group: number;
  /** It has ended, and was only not buried by its parent yet. */
  readonly isDead: boolean;
  /** When it was started, in ticks since the machine was. */
  readonly startTicks: string;
}

/** From `/proc/PID/stat` (proc_pid_stat(5)). Undefined for a process that is gone, or where it may not be read. */
export function standingOf(pid: number): Standing | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // From the third field on: the second is the program's name in brackets, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, group, startTicks] = [fields[0], fields[2], fields[startField - 3]];
    if (startTicks === undefined) return undefined;
    return { group: Number(group), isDead: state === "Z" || state === "X", startTicks };
  } catch {
    return undefined;
  }
}

/** `starttime`; fields count from 1. */
const startField = 22;

/**
 * Whether anything runs of a process group that there is. What has ended counts as there until its parent asks how; the first
 * process of a container, which inherits helm, may never ask.
 */
export function hasLivingMember(group: number): boolean {
  const members = processIds().flatMap((pid) => standingOf(pid) ?? []);
  const own = members.filter((one) => one.group === group);
  // What is there and cannot be seen may run.
  return own.length === 0 || own.some(({ isDead }) => !isDead);
}
