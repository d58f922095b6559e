import { realpathSync } from "node:fs";
import { runStateOf } from "../core/journal/run-state.ts";
import type { LeftRunning } from "./left-running.ts";
import { isOwnProcess, processIds, standingOf, wordsOf } from "./proc.ts";
import { loadRun } from "./run-files.ts";
import { runOfMark, runVariable } from "./run-mark.ts";

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
): Promise<readonly LeftRunning[]> {
  const where = { folder: realpathSync(folder), environment };
  const groups = byGroup(markedProcesses()).flatMap(({ mark, ...found }) => {
    const run = runOfMark(mark, where);
    return run === undefined ? [] : [{ run, ...found }];
  });
  const cutOff = new Map<string, boolean>();
  for (const run of new Set(groups.map((one) => one.run))) cutOff.set(run, await wasCutOff(folder, run));
  return groups.filter(({ run }) => cutOff.get(run) === true);
}

/** What carries such a mark and still runs, whatever session it has made for itself: one process of each group. */
export function findMarked(isSuch: (mark: string) => boolean): readonly Omit<LeftRunning, "run">[] {
  return byGroup(markedProcesses().filter(({ mark }) => isSuch(mark)));
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

interface Marked {
  readonly pid: number;
  readonly mark: string;
}

/** One living process of each group. */
function byGroup(found: readonly Marked[]): readonly (Omit<LeftRunning, "run"> & Marked)[] {
  const groups = new Map<number, Omit<LeftRunning, "run"> & Marked>();
  for (const { pid, mark } of found) {
    const standing = standingOf(pid);
    if (!standing || standing.isDead) continue;
    const { group } = standing;
    // The first of its group says best what it is.
    if (groups.has(group) && pid !== group) continue;
    groups.set(group, { pid, group, mark, command: wordsOf(pid, "cmdline") });
  }
  return [...groups.values()];
}

/** Whether steps or commands of it had begun and not ended, as far as its journal tells. */
async function wasCutOff(folder: string, run: string): Promise<boolean> {
  const journal = await loadRun(folder, run);
  if (!journal.ok) return true;
  const { inFlight, commandsInFlight } = runStateOf(journal.value);
  return inFlight.length > 0 || commandsInFlight.length > 0;
}

/** Every living process of this user that a rollout has started, this one excepted. */
function markedProcesses(): Marked[] {
  return processIds().flatMap((pid) => {
    if (pid === process.pid || !isOwnProcess(pid)) return [];
    const prefix = `${runVariable}=`;
    const found = wordsOf(pid, "environ").find((word) => word.startsWith(prefix));
    return found === undefined ? [] : [{ pid, mark: found.slice(prefix.length) }];
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended in the meantime.
  }
}
