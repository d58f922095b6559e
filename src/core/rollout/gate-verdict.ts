import { counted } from "../common/words.ts";
import { isDoneKind } from "./outcome.ts";

/**
 * Whether a gate is open by the outcomes of its steps, and why. What was blocked is no cause: where something
 * failed, only that is named.
 *
 * @param outcomes how each step of the gate ended, by its id; a step that is missing has not ended
 */
export function judgeGate(
  steps: readonly string[],
  outcomes: Readonly<Record<string, string>>,
): { readonly open: boolean; readonly reason: string } {
  const ended = steps.map((id) => ({ id, kind: outcomes[id] ?? "not ended" }));
  const missing = ended.filter(({ kind }) => !isDoneKind(kind));
  if (missing.length === 0) {
    return { open: true, reason: `${counted(steps.length, "step")} succeeded` };
  }
  const failed = missing.filter(({ kind }) => kind === "failed");
  const named = failed.length > 0 ? failed : missing;
  return { open: false, reason: named.map(({ id, kind }) => `${id} ${kind}`).join(", ") };
}
