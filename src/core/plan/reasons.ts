import type { Because } from "./plan.ts";
import type { OrderEdge } from "./step-order.ts";

/**
 * Why each step waits for others, by the step; those without a reason are left out. Each reason once: two releases of
 * a step may wait for another step by the same line.
 */
export function reasonsByStep(
  edges: readonly OrderEdge[],
  idOf: (step: number) => string,
): ReadonlyMap<number, readonly Because[]> {
  const reasons = new Map<number, Map<string, Because>>();
  for (const { first, second, why: text, place } of edges) {
    const own = reasons.get(second) ?? new Map<string, Because>();
    const key = `${first} ${text}`;
    if (!own.has(key)) own.set(key, { step: idOf(first), text, ...(place ? { place } : {}) });
    reasons.set(second, own);
  }
  return new Map([...reasons].map(([step, own]) => [step, [...own.values()]]));
}
