import { counted, renderDuration } from "../core/common/words.ts";
import type { Plan } from "../core/plan/plan.ts";
import { renderDiffCounts, renderStepDiff, type StepDiff } from "../core/rollout/diff-result.ts";
import { takeDiffs } from "../io/take-diffs.ts";
import type { DeployContext } from "./deploy-context.ts";
import { retriesBy } from "./retries.ts";
import { answersPrograms } from "./settings.ts";

export type DiffContext = Omit<DeployContext, "verb">;

/** Takes all diffs side by side and shows them together, in the plan's order. */
export async function takeAndShowDiffs(plan: Plan, context: DiffContext): Promise<readonly StepDiff[]> {
  const { settings, terminal, interruption, env } = context;
  const { environment } = plan;
  terminal.tell(`diff of ${environment}: ${counted(plan.steps.length, "step")}, ${settings.jobs} at a time`);
  let done = 0;
  const diffs = await takeDiffs(plan, {
    jobs: settings.jobs,
    env,
    signal: interruption.signal,
    retry: retriesBy(settings),
    onRetry: ({ service, id }, { reason, afterMs }) =>
      terminal.tell(
        `[${service} ${environment}] ${id}: as ${reason}, its diff is taken again in ${renderDuration(afterMs)}`,
      ),
    on: ({ step, kind }) => {
      done += 1;
      terminal.tell(`[${step.service} ${environment}] ${step.id}: ${kind} (${done} of ${plan.steps.length})`);
    },
  });
  // An interrupted helmfile may end as if it had shown a change, with half of it or nothing.
  if (interruption.signal.aborted) return diffs;
  const show = answersPrograms(settings) ? terminal.tell : terminal.answer;
  for (const one of diffs) if (one.kind !== "unchanged") show(`${renderStepDiff(one, environment)}\n`);
  show(renderDiffCounts(diffs));
  return diffs;
}
