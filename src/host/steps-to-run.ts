import type { StepDiff } from "../core/diff-result.ts";
import type { StepOutcome } from "../core/outcome.ts";
import type { Plan, Step } from "../core/plan.ts";
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

/**
 * Shows all diffs together, asks once, and tells how the steps that are not to run end.
 *
 * @param halfDone releases whose step runs also where nothing would change: it is not done for that
 */
export async function askAboutDiffs(
  plan: Plan,
  context: DeployContext & { readonly ask: Questions; readonly halfDone: ReadonlySet<string> },
): Promise<Settled | "quit"> {
  const { ask, halfDone } = context;
  // A diff does not show everything that helmfile removes, so no diff is no reason to leave such a step out.
  const mustRun = ({ removesReleases, releases }: Step) =>
    removesReleases === true || releases.some((id) => halfDone.has(id));
  const diffs = await runDiffs(plan, context);
  const changed = diffs.filter(
    ({ kind, step }) => kind !== "failed" && (kind !== "unchanged" || mustRun(step)),
  );
  if (changed.length === 0) return settle(diffs, new Set(), () => true);
  const chosen = await chooseSteps(changed, ask);
  if (chosen === "quit") return "quit";
  return settle(diffs, new Set(changed), ({ step }) => chosen.has(step.id));
}

/** Not done: what waits for it is blocked, as nobody knows whether it is there. */
export const notChosen = "not chosen";

function settle(
  diffs: readonly StepDiff[],
  changed: ReadonlySet<StepDiff>,
  isChosen: (diff: StepDiff) => boolean,
): Settled {
  const settled = new Map<string, StepOutcome>();
  for (const diff of diffs) {
    const { id } = diff.step;
    if (diff.kind === "failed") settled.set(id, { kind: "failed", durationMs: 0, failure: diff.failure });
    else if (!changed.has(diff)) settled.set(id, { kind: "skipped", reason: "no change" });
    else if (!isChosen(diff)) settled.set(id, { kind: "cancelled", reason: notChosen });
  }
  return settled;
}
