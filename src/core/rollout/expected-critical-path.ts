import type { Plan } from "../plan/plan.ts";
import type { Durations } from "./durations.ts";
import { longestWays, scheduleGraph } from "./schedule-graph.ts";

export interface GateOptions {
  /** How long a gate takes to open once its steps have ended, in milliseconds. @default 0 */
  readonly gateMs?: number | undefined;
}

/** The steps that wait for each other longest: no number of workers is faster than they are. */
export interface CriticalPath {
  readonly steps: readonly string[];
  readonly ms: number;
}

/** The longest way through the plan, in its order; of two that are as long, the one that the plan names first. */
export function criticalPath(plan: Plan, durations: Durations, options: GateOptions = {}): CriticalPath {
  const graph = scheduleGraph(plan, durations, options.gateMs);
  const ways = longestWays(graph);
  const longest = (nodes: Iterable<number>) => {
    let found: number | undefined;
    for (const node of nodes) if (found === undefined || (ways[node] ?? 0) > (ways[found] ?? 0)) found = node;
    return found;
  };
  const steps: string[] = [];
  const first = longest(plan.steps.keys());
  for (let node = first; node !== undefined; node = longest(graph.next[node] ?? [])) {
    const step = plan.steps[node];
    if (step) steps.push(step.id);
  }
  return { steps, ms: first === undefined ? 0 : (ways[first] ?? 0) };
}
