import type { Tree } from "../core/common/release.ts";
import { counted, renderDuration } from "../core/common/words.ts";
import type { Plan } from "../core/plan/plan.ts";
import { renderCommands } from "../core/plan/render-plan.ts";
import { diffArguments } from "../core/plan/step-arguments.ts";
import { renderDiffCounts, renderStepDiff, type StepDiff } from "../core/rollout/diff-result.ts";
import { describeFailure, isOutOfReach } from "../core/rollout/outcome.ts";
import { takeDiffs } from "../io/take-diffs.ts";
import type { DeployContext } from "./deploy-context.ts";
import { makePlan } from "./make-plan.ts";
import { requireHelmfile } from "./require-helmfile.ts";
import { retriesBy } from "./retries.ts";
import { answersPrograms, type ExitCode, exitCodes } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";

type DiffContext = Omit<DeployContext, "rollout">;

/** The verb `diff`: what an apply would change. */
export async function diff(tree: Tree, context: DiffContext): Promise<ExitCode> {
  const { settings, terminal, interruption } = context;
  const plan = await makePlan(tree, "apply", context);
  tellUnreadable(terminal, plan.unreadable);
  if (settings.dryRun) {
    const shown: Plan = {
      ...plan,
      steps: plan.steps.map((step) => ({ ...step, args: diffArguments(step.args) })),
    };
    terminal.answer(settings.output === "json" ? JSON.stringify(shown) : renderCommands(shown));
    return plan.unreadable.length > 0 ? exitCodes.failed : exitCodes.done;
  }
  await requireHelmfile(context.env);
  const diffs = await runDiffs(plan, context);
  if (interruption.signal.aborted) return exitCodes.interrupted;
  if (settings.output === "json") terminal.answer(JSON.stringify(diffJson(plan, diffs)));
  const outOfReach = diffs.map((one) => one.kind === "failed" && isOutOfReach(one.failure));
  if (outOfReach.length > 0 && outOfReach.every(Boolean)) return exitCodes.unknown;
  const incomplete = plan.unreadable.length > 0 || diffs.some(({ kind }) => kind === "failed");
  return incomplete ? exitCodes.failed : exitCodes.done;
}

/** Takes all diffs side by side and shows them together, in the plan's order. */
export async function runDiffs(plan: Plan, context: DiffContext): Promise<readonly StepDiff[]> {
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

function diffJson(plan: Plan, diffs: readonly StepDiff[]) {
  const { environment, excluded, unreadable } = plan;
  const steps = diffs.map((one) => ({
    id: one.step.id,
    service: one.step.service,
    releases: one.step.releases,
    diff: one.kind,
    output: one.lines.join("\n"),
    ...(one.kind === "failed" ? { message: describeFailure(one.failure) } : {}),
  }));
  return { version: 1, environment, steps, excluded, unreadable };
}
