import { firstOf, renderDuration } from "../core/common/words.ts";
import { leftToDo } from "../core/journal/left-to-do.ts";
import type { DoneBefore } from "../core/journal/run-resume.ts";
import type { Plan } from "../core/plan/plan.ts";
import { criticalPath } from "../core/rollout/expected-critical-path.ts";
import { timeLeft } from "../core/rollout/time-left.ts";
import { knownFromRuns } from "../core/view/render-expected.ts";
import type { DeployContext } from "./deploy-context.ts";
import { type Estimate, isMeasured } from "./expected-durations.ts";
import { rolloutSchedule } from "./rollout-schedule.ts";

/** How long a rollout will probably take, in lines for whoever is asked about it. */
export function describeExpected(
  plan: Plan,
  {
    estimate,
    done,
    ...context
  }: Pick<DeployContext, "settings" | "verb"> & {
    readonly estimate: Estimate;
    readonly done: DoneBefore;
  },
): readonly string[] {
  const { durations, runs } = estimate;
  // Whoever decides now is told no figure that nothing stands behind; `plan` gives one, and what it is worth.
  if (runs === 0)
    return [`how long it takes is not known: no earlier run of ${plan.environment} is written down here`];
  const ended = new Set(done.settled.keys());
  const left = plan.steps.filter(({ id }) => !ended.has(id));
  if (left.length > 0 && !isMeasured(left, estimate))
    return [
      `how long it takes is not known: no earlier run of ${plan.environment} measured any of these steps`,
    ];
  const schedule = rolloutSchedule(context);
  const stands = { ended, running: new Map(), opened: new Set<string>() };
  const makespanMs = timeLeft(plan, stands, { ...estimate, schedule });
  const guessed = left.filter(({ id }) => durations.get(id)?.from === "constant").length;
  const known = knownFromRuns(runs, { guessed, all: plan.steps.length });
  const { steps, ms } = criticalPath(leftToDo(plan, done), durations, schedule);
  return [
    `expected to take ${renderDuration(makespanMs)}, questions aside, ${known}`,
    ...(steps.length > 0 ? [`critical path, ${renderDuration(ms)}: ${firstOf(steps, 3)}`] : []),
  ];
}
