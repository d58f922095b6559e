import type { Tree } from "../core/release.ts";
import { renderPlan } from "../core/report.ts";
import type { DeployContext } from "./deploy-context.ts";
import { makePlan } from "./make-plan.ts";
import { type ExitCode, exitCodes } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";

/** The verb `plan`: what would run, and in what order. */
export async function showPlan(
  tree: Tree,
  context: Pick<DeployContext, "plugin" | "settings" | "terminal" | "rollout" | "openCluster">,
): Promise<ExitCode> {
  const { settings, terminal, openCluster: open } = context;
  const planned = await makePlan(tree, context.rollout.mode, context);
  tellUnreadable(terminal, planned.unreadable);
  const answer = (plan: typeof planned) =>
    terminal.answer(settings.output === "json" ? JSON.stringify(plan) : renderPlan(plan));
  // Reading a cluster takes rights and time: the verb looks only where it is told where.
  if (settings.kubeconfig === undefined) {
    answer(planned);
    return exitCodes.done;
  }
  const { lookWhatExists } = await import("./existing-releases.ts");
  const { plan, seesAll } = await lookWhatExists(planned, { open, tell: terminal.tell });
  answer(plan);
  return seesAll ? exitCodes.done : exitCodes.unknown;
}
