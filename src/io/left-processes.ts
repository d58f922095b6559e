import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { runStateOf } from "../core/run-state.ts";
import { loadRun } from "./run-files.ts";
import { runOfMark, runVariable } from "./run-mark.ts";

/** A process of a run that ended without it: killed, or out of memory. It may still change the cluster. */
export interface LeftProcess {
  readonly run: string;
  readonly pid: number;
  /** The number of its process group: what was started together. */
  readonly group: number;
  /** The words of its command line. */
  readonly command: readonly string[];
}

/**
 * Finds what earlier runs of an environment left running on this host, one process of each group. Who holds the
 * environment's lock asks: then none of those runs is alive. What a helmfile of a run that ended in order has left in the
 * background is not among it. Finds nothing where there is no `/proc`.
 *
 * @param folder the state folder, which has to be there
 */
export async function findLeftProcesses(
  folder: string,
  environment: string,
): Promise<readonly LeftProcess[]> {
  const where = { folder: realpathSync(folder), environment };
  const groups = new Map<number, LeftProcess>();
  for (const { pid, mark } of markedProcesses()) {
    const run = runOfMark(mark, where);
    const group = run === undefined ? undefined : groupOf(pid);
    if (run === undefined || group === undefined) continue;
    // The first of its group says best what it is.
    if (groups.has(group) && pid !== group) continue;
    groups.set(group, { run, pid, group, command: wordsOf(pid, "cmdline") });
  }
  const cutOff = new Map<string, boolean>();
  for (const run of new Set([...groups.values()].map((one) => one.run)))
    cutOff.set(run, await wasCutOff(folder, run));
  return [...groups.values()].filter(({ run }) => cutOff.get(run) === true);
}

/**
 * Kills everything that carries this mark, whatever session or process group it has made for itself. Kills nothing
 * where there is no `/proc`.
 */
export function killMarked(mark: string): void {
  // What is found may start something before it is killed.
  for (let round = 0; round < 5; round += 1) {
    const found = markedProcesses().filter((one) => one.mark === mark);
    if (found.length === 0) return;
    for (const { pid } of found) kill(pid);
  }
}

/** Whether steps or commands of it had begun and not ended, as far as its journal tells. */
async function wasCutOff(folder: string, run: string): Promise<boolean> {
  const journal = await loadRun(folder, run);
  if (!journal.ok) return true;
  const { inFlight, commandsInFlight } = runStateOf(journal.value);
  return inFlight.length > 0 || commandsInFlight.length > 0;
}

/** Every living process of this user that a rollout has started, this one excepted. */
function markedProcesses(): { readonly pid: number; readonly mark: string }[] {
  return pids().flatMap((pid) => {
    if (pid === process.pid || !isOwn(pid)) return [];
    const prefix = `${runVariable}=`;
    const found = wordsOf(pid, "environ").find((word) => word.startsWith(prefix));
    return found === undefined ? [] : [{ pid, mark: found.slice(prefix.length) }];
  });
}

function pids(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** Asked first: of others nothing can be read, and reading may wait for one that hangs. */
function isOwn(pid: number): boolean {
  try {
    return statSync(`/proc/${pid}`).uid === process.getuid?.();
  } catch {
    return false;
  }
}

/** Empty for a process that has ended in the meantime. */
function wordsOf(pid: number, file: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}

/** From `/proc/PID/stat`: the third field behind the program's name in brackets, which may hold anything. */
function groupOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" || state === "X" ? undefined : Number(group);
  } catch {
    return undefined;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended in the meantime.
  }
}
