import type { Tree } from "../core/release.ts";
import { renderPlan } from "../core/report.ts";
import type { Terminal } from "../io/terminal.ts";
import { makePlan } from "./make-plan.ts";
import type { Plugin } from "./plugin-loader.ts";
import type { RolloutVerb } from "./rollout-verb.ts";
import { type ExitCode, exitCodes, type Settings } from "./settings.ts";
import { tellUnreadable } from "./unreadable.ts";

/** The verb `plan`: what would run, and in what order. */
export async function showPlan(
  tree: Tree,
  context: { plugin: Plugin; settings: Settings; terminal: Terminal; rollout: RolloutVerb },
): Promise<ExitCode> {
  const plan = await makePlan(tree, context.rollout.mode, context);
  tellUnreadable(context.terminal, plan.unreadable);
  context.terminal.answer(context.settings.output === "json" ? JSON.stringify(plan) : renderPlan(plan));
  return exitCodes.done;
}
