import type { StepDiff } from "../core/diff-result.ts";
import type { StepOutcome } from "../core/outcome.ts";
import type { Plan } from "../core/plan.ts";
import { chooseSteps } from "./choose-steps.ts";
import type { Questions } from "./decisions.ts";
import type { DeployContext } from "./deploy-context.ts";
import { runDiffs } from "./diff.ts";

/** The one question of a rollout without diffs. */
export async function askToStart(plan: Plan, ask: Questions): Promise<Settled | "quit"> {
  return (await ask.start(plan)) === "yes" ? new Map() : "quit";
}

/** How the steps end that are not to run. */
export type Settled = ReadonlyMap<string, StepOutcome>;

/** Shows all diffs together, asks once, and tells how the steps that are not to run end. */
export async function askAboutDiffs(
  plan: Plan,
  context: DeployContext,
  ask: Questions,
): Promise<Settled | "quit"> {
  const diffs = await runDiffs(plan, context);
  const changed = diffs.filter((diff) => diff.kind === "changed" || diff.kind === "new" || mustRun(diff));
  if (changed.length === 0) return settle(diffs, () => true);
  const chosen = await chooseSteps(changed, ask);
  return chosen === "quit" ? "quit" : settle(diffs, (diff) => chosen.has(diff.step.id));
}

/** A diff does not show everything that helmfile removes, so no diff is no reason to leave such a step out. */
function mustRun(diff: StepDiff): boolean {
  return diff.kind === "unchanged" && diff.step.removesReleases === true;
}

/** Not done: what waits for it is blocked, as nobody knows whether it is there. */
export const notChosen = "not chosen";

function settle(diffs: readonly StepDiff[], isChosen: (diff: StepDiff) => boolean): Settled {
  const settled = new Map<string, StepOutcome>();
  for (const diff of diffs) {
    const { id } = diff.step;
    if (diff.kind === "failed") settled.set(id, { kind: "failed", durationMs: 0, failure: diff.failure });
    else if (diff.kind === "unchanged" && !mustRun(diff))
      settled.set(id, { kind: "skipped", reason: "no change" });
    else if (!isChosen(diff)) settled.set(id, { kind: "cancelled", reason: notChosen });
  }
  return settled;
}
