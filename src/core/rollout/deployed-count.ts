import type { Step } from "../plan/plan.ts";
import type { StepOutcome } from "./outcome.ts";
import { isDoneEarlier, noChange } from "./outcome-reasons.ts";

/**
 * How many releases of these steps are there, and how many of those no step of this rollout had to deploy, as an earlier
 * run had done it or nothing would have changed: `7 of 7 releases (4 earlier)`.
 */
export function countDeployed(
  steps: readonly Pick<Step, "id" | "releases">[],
  outcomes: ReadonlyMap<string, StepOutcome>,
): string {
  const count = (isCounted: (outcome: StepOutcome) => boolean) =>
    steps.reduce((sum, { id, releases }) => {
      const outcome = outcomes.get(id);
      return outcome && isCounted(outcome) ? sum + releases.length : sum;
    }, 0);
  const earlier = count((outcome) => outcome.kind === "skipped" && isDoneEarlier(outcome.reason));
  const unchanged = count((outcome) => outcome.kind === "skipped" && outcome.reason === noChange);
  const there = count(({ kind }) => kind === "succeeded") + earlier + unchanged;
  const all = steps.reduce((sum, { releases }) => sum + releases.length, 0);
  const ofThem = [
    ...(earlier > 0 ? [`${earlier} earlier`] : []),
    ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
  ];
  return `${there} of ${all} releases${ofThem.length > 0 ? ` (${ofThem.join(", ")})` : ""}`;
}
