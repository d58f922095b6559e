import type { StepOutcome } from "../core/outcome.ts";
import type { Plan } from "../core/plan.ts";
import { knownFromRuns } from "../core/render-expected.ts";
import { renderDuration } from "../core/report.ts";
import { simulateSchedule } from "../core/schedule-simulation.ts";
import type { DeployContext } from "./deploy-context.ts";
import type { Expectation } from "./expected-durations.ts";
import { rolloutSchedule } from "./rollout-schedule.ts";

/** How long a rollout will probably take, before it is asked about; of an apply only the diffs tell what will run. */
export function tellExpected(
  plan: Plan,
  {
    expected: { durations, runs },
    done = new Map(),
    ...context
  }: Pick<DeployContext, "settings" | "rollout" | "terminal"> & {
    readonly expected: Expectation;
    /** Steps that an earlier run has done. */
    readonly done: ReadonlyMap<string, StepOutcome> | undefined;
  },
): void {
  const { rollout, terminal } = context;
  if (rollout.diffs) return;
  if (runs === 0) {
    // Whoever decides now is told no figure that nothing stands behind; `plan` gives one, and what it is worth.
    terminal.tell(
      `how long it takes is not known: no earlier run of ${plan.environment} is written down here`,
    );
    return;
  }
  const progress = { ended: new Set(done.keys()), running: new Map(), opened: new Set<string>() };
  const { makespanMs } = simulateSchedule(plan, durations, { ...rolloutSchedule(context), progress });
  const guessed = plan.steps.filter(({ id }) => !done.has(id) && durations.get(id)?.from === "constant");
  const known = knownFromRuns(runs, guessed.length);
  terminal.tell(`expected to take ${renderDuration(makespanMs)}, questions aside, ${known}`);
}
