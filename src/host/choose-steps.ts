import type { StepDiff } from "../core/rollout/diff-result.ts";
import type { Questions } from "./decisions.ts";

/** Asks which of the changes to apply: all, some services, or none. */
export async function chooseSteps(
  changed: readonly StepDiff[],
  ask: Pick<Questions, "applyDiffs" | "applyOne">,
): Promise<ReadonlySet<string> | "quit"> {
  const ids = changed.map(({ step }) => step.id);
  const answer = await ask.applyDiffs(ids.length);
  if (answer === "quit") return "quit";
  if (answer === "all") return new Set(ids);
  const chosen = new Set<string>();
  for (const service of new Set(changed.map(({ step }) => step.service))) {
    const wanted = await ask.applyOne(service);
    if (wanted === "quit") return "quit";
    for (const { step } of changed) if (wanted === "yes" && step.service === service) chosen.add(step.id);
  }
  return chosen.size === 0 ? "quit" : chosen;
}
