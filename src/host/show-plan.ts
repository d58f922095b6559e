import { existsSync } from "node:fs";
import type { Tree } from "../core/common/release.ts";
import type { Plan } from "../core/plan/plan.ts";
import { renderPlan } from "../core/plan/render-plan.ts";
import { renderPlanMermaid } from "../core/plan/render-plan-mermaid.ts";
import { chartsOf, estimateDurations } from "../core/rollout/durations.ts";
import { expectRollout } from "../core/rollout/expected-rollout.ts";
import { renderExpected } from "../core/view/render-expected.ts";
import { stateFolderPlace } from "../io/state-folder.ts";
import { askForPlan } from "./ask-for-plan.ts";
import type { DeployContext } from "./deploy-context.ts";
import { messageOf } from "./error-message.ts";
import type { Estimate } from "./expected-durations.ts";
import { rolloutSchedule } from "./rollout-schedule.ts";
import { type ExitCode, exitCodes } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";

type PlanContext = Pick<DeployContext, "plugin" | "settings" | "terminal" | "verb" | "openCluster" | "env">;

/** The verb `plan`: what would run, in what order, and how long it will probably take. */
export async function showPlan(tree: Tree, context: PlanContext): Promise<ExitCode> {
  const { settings, terminal, openCluster: open } = context;
  const planned = await askForPlan(tree, context.verb.mode, context);
  tellUnreadable(terminal, planned.unreadable);
  // Reading a cluster takes rights and time: the verb looks only where it is told where.
  if (settings.kubeconfig === undefined) {
    await answer(planned, tree, context);
    return exitCodes.done;
  }
  const { lookWhatExists } = await import("./look-what-exists.ts");
  const { plan, seesAll } = await lookWhatExists(planned, { open, tell: terminal.tell });
  await answer(plan, tree, context);
  return seesAll ? exitCodes.done : exitCodes.unknown;
}

async function answer(plan: Plan, tree: Tree, context: PlanContext): Promise<void> {
  const { settings, terminal, verb } = context;
  if (settings.output === "mermaid") {
    terminal.answer(renderPlanMermaid(plan));
    return;
  }
  const expected = expectRollout(plan, await durationsOf(plan, tree, context), rolloutSchedule(context));
  if (settings.output === "json") terminal.answer(JSON.stringify({ ...plan, expected }));
  else {
    const times = renderExpected(plan, expected, { diffs: verb.diffs });
    terminal.answer(times === "" ? renderPlan(plan) : `${renderPlan(plan)}\n\n${times}`);
  }
}

/** How long the steps will probably take. A plan is shown whatever becomes of the journals, and makes no folder. */
export async function durationsOf(
  plan: Plan,
  tree: Tree,
  { settings, terminal, env }: Pick<PlanContext, "settings" | "terminal" | "env">,
): Promise<Estimate> {
  const folder = stateFolderPlace(env, settings.stateDir);
  const guess = () => ({ durations: estimateDurations(plan, [], chartsOf(tree)), runs: 0 });
  if (!existsSync(folder)) return guess();
  // It brings what reads journals, which a first plan does without.
  const { expectDurations } = await import("./expected-durations.ts");
  try {
    return await expectDurations(plan, { folder, tree });
  } catch (error) {
    terminal.tell(`warning: what earlier runs took cannot be read: ${messageOf(error)}`);
    return guess();
  }
}
