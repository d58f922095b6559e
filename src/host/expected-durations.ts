import { type Durations, estimateDurations, type MeasuredStep } from "../core/durations.ts";
import type { JournalContent } from "../core/journal.ts";
import type { Plan } from "../core/plan.ts";
import type { Tree } from "../core/release.ts";
import { runStateOf } from "../core/run-state.ts";
import { loadRun, runNames } from "../io/run-files.ts";

/** How many of the newest runs are read: what is older says little about the cluster as it is. */
const newest = 10;

/** How long the steps of a plan will probably take, by what earlier runs of the environment took. */
export interface Expectation {
  readonly durations: Durations;
  /** How many runs it is known from. */
  readonly runs: number;
}

/** Undefined where no earlier run measured anything. A journal that cannot be read says nothing. */
export async function expectDurations(
  plan: Plan,
  { folder, tree }: { readonly folder: string; readonly tree: Tree },
): Promise<Expectation | undefined> {
  const measured: MeasuredStep[][] = [];
  for (const run of runNames(folder, plan.environment).slice(0, newest)) {
    const journal = await loadRun(folder, run);
    const steps = journal.ok ? measuresOf(journal.value) : [];
    if (steps.length > 0) measured.push(steps);
  }
  if (measured.length === 0) return undefined;
  const releases = tree.services.flatMap((service) => service.releases);
  const charts = new Map(releases.map(({ id, chart }) => [id as string, chart]));
  return { durations: estimateDurations(plan, measured.flat(), charts), runs: measured.length };
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
