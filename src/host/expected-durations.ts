import type { Tree } from "../core/common/release.ts";
import type { JournalContent } from "../core/journal/parse-journal.ts";
import { runStateOf } from "../core/journal/run-state.ts";
import type { Plan, Step } from "../core/plan/plan.ts";
import { chartsOf, type Durations, estimateDurations, type MeasuredStep } from "../core/rollout/durations.ts";
import { journalBytes, loadRun, runNames } from "../io/run-files.ts";

/** How many of the newest runs are read: what is older says little about the cluster as it is. */
const newest = 10;

/** No more than this is read for the sake of an estimate, newest first: ten runs of a thousand steps are half of it. */
const mostBytes = 16 * 1024 * 1024;

/** How long the steps of a plan will probably take, by what earlier runs of the environment took. */
export interface Estimate {
  readonly durations: Durations;
  /** How many runs it is known from; 0: it is a guess. */
  readonly runs: number;
}

/** Whether any of these steps is known from a run: else there is no figure that anything stands behind. */
export function isMeasured(steps: readonly Pick<Step, "id">[], { durations, runs }: Estimate): boolean {
  return runs > 0 && steps.some(({ id }) => (durations.get(id)?.from ?? "constant") !== "constant");
}

/** A journal that cannot be read says nothing. Throws what the system throws where the folder cannot be read. */
export async function expectDurations(
  plan: Plan,
  { folder, tree }: { readonly folder: string; readonly tree: Tree },
): Promise<Estimate> {
  const measured: MeasuredStep[][] = [];
  let leftBytes = mostBytes;
  for (const run of runNames(folder, plan.environment).slice(0, newest)) {
    const bytes = bytesOf(folder, run);
    if (bytes > leftBytes) continue;
    leftBytes -= bytes;
    const journal = await loadRun(folder, run);
    const steps = journal.ok ? measuresOf(journal.value) : [];
    if (steps.length > 0) measured.push(steps);
  }
  return { durations: estimateDurations(plan, measured.flat(), chartsOf(tree)), runs: measured.length };
}

/** More than can be read where that is not known. */
function bytesOf(folder: string, run: string): number {
  try {
    return journalBytes(folder, run);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function measuresOf(journal: JournalContent): MeasuredStep[] {
  const at = Date.parse(journal.header.time);
  const { outcomes } = runStateOf(journal);
  return journal.plan.steps.flatMap(({ id, releases, action }) => {
    const outcome = outcomes.get(id);
    return outcome?.kind === "succeeded"
      ? [{ id, releases, action, durationMs: outcome.durationMs, at }]
      : [];
  });
}
