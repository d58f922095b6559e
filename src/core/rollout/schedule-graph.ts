import { afterItself } from "../plan/after-itself.ts";
import type { Plan } from "../plan/plan.ts";
import type { Durations } from "./durations.ts";

/** Steps and gates as numbers, with what waits for what: the steps in the plan's order, then the gates. */
export interface ScheduleGraph {
  readonly steps: number;
  /** Milliseconds that each takes: a step runs, a gate settles. */
  readonly ms: Float64Array;
  readonly next: readonly (readonly number[])[];
  /** How many each waits for. */
  readonly waitsFor: Int32Array;
}

/** @param gateMs how long a gate takes to open once its steps have ended */
export function scheduleGraph(plan: Plan, durations: Durations, gateMs = 0): ScheduleGraph {
  const steps = plan.steps.length;
  const size = steps + plan.gates.length;
  const ms = new Float64Array(size).fill(gateMs, steps);
  const next: number[][] = Array.from({ length: size }, () => []);
  const waitsFor = new Int32Array(size);
  const stepAt = new Map(plan.steps.map(({ id }, at) => [id, at]));
  const gateAt = new Map(plan.gates.map(({ id }, at) => [id, steps + at]));
  const wait = (node: number, on: number | undefined) => {
    if (on === undefined) return;
    next[on]?.push(node);
    waitsFor[node] = (waitsFor[node] ?? 0) + 1;
  };
  plan.gates.forEach((gate, at) => {
    for (const id of gate.steps) wait(steps + at, stepAt.get(id));
  });
  const afterOf = afterItself(plan);
  plan.steps.forEach((step, at) => {
    ms[at] = Math.max(0, durations.get(step.id)?.ms ?? 0);
    for (const gate of step.gates ?? []) wait(at, gateAt.get(gate));
    for (const before of afterOf(step)) wait(at, stepAt.get(before));
  });
  return { steps, ms, next, waitsFor };
}

/** For each node the longest way from its begin to the end of all, in milliseconds. Linear, and not recursive. */
export function longestWays({ ms, next, waitsFor }: ScheduleGraph): Float64Array {
  const left = waitsFor.slice();
  const order: number[] = [];
  left.forEach((count, node) => {
    if (count === 0) order.push(node);
  });
  // The order grows while it is gone through.
  for (const node of order) {
    for (const dependent of next[node] ?? []) {
      left[dependent] = (left[dependent] ?? 0) - 1;
      if (left[dependent] === 0) order.push(dependent);
    }
  }
  const ways = new Float64Array(ms.length);
  for (const node of order.reverse()) {
    let longest = 0;
    for (const dependent of next[node] ?? []) longest = Math.max(longest, ways[dependent] ?? 0);
    ways[node] = (ms[node] ?? 0) + longest;
  }
  return ways;
}
