import { renderDiagnostics } from "../core/common/diagnostic.ts";
import { nearest } from "../core/common/nearest.ts";
import type { Tree } from "../core/common/release.ts";
import type { Plan, PlanMode } from "../core/plan/plan.ts";
import { findPlanFaults } from "../core/plan/plan-faults.ts";
import type { Terminal } from "../io/terminal.ts";
import { type Plugin, PluginRefusal } from "./plugin-loader.ts";
import { exitCodes, Refusal, type Settings } from "./settings.ts";

/** Asks the plugin for the plan, tells its warnings, and refuses where there is none. */
export async function askForPlan(
  tree: Tree,
  mode: PlanMode,
  { plugin, settings, terminal }: { plugin: Plugin; settings: Settings; terminal: Terminal },
): Promise<Plan> {
  const { servicesDir, selection, flags } = settings;
  const answer = await plugin.ask("rollout:plan", { version: 1, tree, mode, servicesDir, selection, flags });
  const { plan, diagnostics } = answer;
  if (!plan || diagnostics.some(({ severity }) => severity === "error")) {
    const why = renderDiagnostics(diagnostics) || `the plugin ${plugin.name} gave ${noReason}`;
    throw new Refusal(why, exitCodes.usage);
  }
  refuseFaultyPlan(plan, { environment: tree.environment, mode }, plugin);
  if (diagnostics.length > 0) terminal.tell(`${renderDiagnostics(diagnostics)}\n`);
  checkGates(plan, settings, terminal);
  return plan;
}

const noReason = "neither a plan nor a reason in its answer to the hook rollout:plan";

/** Refuses a plan whose form is right, and that cannot be carried out to its end. */
export function refuseFaultyPlan(
  plan: Plan,
  asked: { readonly environment: string; readonly mode: PlanMode },
  { name }: Plugin,
): void {
  const faults = findPlanFaults(plan, asked).map((fault) => `\n  - ${fault}`);
  if (faults.length === 0) return;
  const message = `the plugin ${name} gave no valid answer to the hook rollout:plan:${faults.join("")}`;
  throw new PluginRefusal(message, "faulty");
}

/** A name that is near a stage's is a typo; any other may be a stage that has nothing to do here. */
function checkGates(plan: Plan, { skipGates }: Settings, terminal: Terminal): void {
  const known = [...plan.stages.map(({ name }) => name), ...plan.gates.map(({ stage }) => stage)];
  for (const name of skipGates) {
    if (known.includes(name)) continue;
    const guess = nearest(name, known);
    if (guess !== undefined) {
      throw new Refusal(
        `--skip-gate ${name}: there is no such stage: did you mean ${guess}?`,
        exitCodes.usage,
      );
    }
    terminal.tell(
      `warning: --skip-gate ${name} has no effect: no stage of that name has anything to do here`,
    );
  }
}
