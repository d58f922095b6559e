import { namespacesOfReleases } from "../common/release.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { Durations } from "./durations.ts";
import { longestWays, scheduleGraph } from "./schedule-graph.ts";

/** What decides which of the steps that may run is taken first. */
export interface OrderOptions {
  /** How long the steps will probably take. @default unknown: the plan's order, stage by stage */
  readonly expected?: Durations | undefined;
  /** How long a gate takes to open once its steps have ended, in milliseconds. @default 0 */
  readonly gateMs?: number | undefined;
  /** The place of a service in `--priority`, by its name; the others come after those. */
  readonly priority?: ReadonlyMap<string, number> | undefined;
}

/** A step, and what its place among others depends on. */
export interface OrderedStep {
  readonly step: Step;
  /** Of the steps that may run, the one with the lowest goes first, unless another one is urgent. */
  readonly place: number;
  /** `--priority` names its service: in its place nothing urgent goes before it. */
  readonly wanted: boolean;
  /** What it will probably take itself, in whole milliseconds. */
  readonly ms: number;
  /** The longest way from its begin to the end of the rollout, in milliseconds. */
  readonly way: number;
  /** Where it deploys, each once. Releases without a namespace share nothing that is known. */
  readonly namespaces: readonly string[];
}

/**
 * The steps in the plan's order, each with its place: earlier stages come first, in a stage what `--priority` names, then
 * the longest way still ahead, then the plan's order. The place holds nothing back. A gate does, and where the operator is
 * asked between stages, a stage that is not admitted yet.
 */
export function rankSteps(plan: Plan, { expected, gateMs, priority }: OrderOptions): OrderedStep[] {
  const ways = expected && longestWays(scheduleGraph(plan, expected, gateMs));
  const stages = new Map(plan.stages.map(({ name }, at) => [name, at]));
  const keys = plan.steps.map(({ service, stage }, at) => ({
    at,
    stage: stages.get(stage) ?? stages.size,
    priority: priority?.get(service) ?? Number.MAX_SAFE_INTEGER,
    way: ways?.[at] ?? 0,
  }));
  keys.sort(
    (one, other) =>
      one.stage - other.stage || one.priority - other.priority || other.way - one.way || one.at - other.at,
  );
  const places = new Int32Array(keys.length);
  keys.forEach(({ at }, place) => {
    places[at] = place;
  });
  return plan.steps.map((step, at) => ({
    step,
    place: places[at] ?? 0,
    wanted: priority?.has(step.service) ?? false,
    ms: Math.round(expected?.get(step.id)?.ms ?? 0),
    way: ways?.[at] ?? 0,
    namespaces: namespacesOfReleases(step.releases),
  }));
}
