import type { Plan, Step } from "./plan.ts";

/**
 * What a step waits for itself, without what a gate waits for on its behalf: that the gate tells. Where a gate and a
 * sequence name the same step, the gate alone holds.
 */
export function afterItself(plan: Plan): (step: Step) => readonly string[] {
  const stepsOf = new Map(plan.gates.map(({ id, steps }) => [id, new Set(steps)]));
  return ({ after, gates = [] }) =>
    gates.length === 0 ? after : after.filter((id) => !gates.some((gate) => stepsOf.get(gate)?.has(id)));
}
