import type { Tree } from "../core/common/release.ts";
import { describeFailure, isOutOfReach } from "../core/helmfile-output/describe-failure.ts";
import type { Plan } from "../core/plan/plan.ts";
import { renderCommands } from "../core/plan/render-plan.ts";
import { diffArguments } from "../core/plan/step-arguments.ts";
import type { StepDiff } from "../core/rollout/diff-result.ts";
import { askForPlan } from "./ask-for-plan.ts";
import { requireHelmfile } from "./require-helmfile.ts";
import { type ExitCode, exitCodes } from "./settings.ts";
import { type DiffContext, takeAndShowDiffs } from "./show-diffs.ts";
import { endOfAll, tellUnreadable } from "./unreadable.ts";

/** The verb `diff`: what an apply would change. */
export async function diff(tree: Tree, context: DiffContext): Promise<ExitCode> {
  const { settings, terminal, interruption } = context;
  const plan = await askForPlan(tree, "apply", context);
  tellUnreadable(terminal, plan.unreadable);
  if (settings.dryRun) {
    const shown: Plan = {
      ...plan,
      steps: plan.steps.map((step) => ({ ...step, args: diffArguments(step.args) })),
    };
    terminal.answer(settings.output === "json" ? JSON.stringify(shown) : renderCommands(shown));
    return endOfAll(terminal, plan.unreadable);
  }
  await requireHelmfile(context.env);
  const diffs = await takeAndShowDiffs(plan, context);
  if (interruption.signal.aborted) return exitCodes.interrupted;
  if (settings.output === "json") terminal.answer(JSON.stringify(diffJson(plan, diffs)));
  const outOfReach = diffs.map((one) => one.kind === "failed" && isOutOfReach(one.failure));
  if (outOfReach.length > 0 && outOfReach.every(Boolean)) return exitCodes.unknown;
  if (diffs.some(({ kind }) => kind === "failed")) return exitCodes.failed;
  return endOfAll(terminal, plan.unreadable);
}

function diffJson(plan: Plan, diffs: readonly StepDiff[]) {
  const { environment, excluded, unreadable, excludedUnreadable } = plan;
  const steps = diffs.map((one) => ({
    id: one.step.id,
    service: one.step.service,
    releases: one.step.releases,
    diff: one.kind,
    output: one.lines.join("\n"),
    ...(one.kind === "failed" ? { message: describeFailure(one.failure) } : {}),
  }));
  const left = { excluded, unreadable, ...(excludedUnreadable && { excludedUnreadable }) };
  return { version: 1, environment, steps, ...left };
}
