import { afterItself } from "../plan/after-itself.ts";
import type { Gate, Plan, Stage } from "../plan/plan.ts";
import type { StepOutcome } from "./outcome.ts";
import type { OrderedStep } from "./rollout-order.ts";

/** Where a step stands, and what it has to do with others. */
export interface StepNode {
  readonly order: OrderedStep;
  status: "waiting" | "ready" | "running" | "suspended" | "done";
  /** How many steps and gates it waits for. */
  waitsFor: number;
  outcome?: StepOutcome;
  readonly stage: StageNode | undefined;
  /** Ids of what it waits for itself, without what a gate waits for on its behalf. */
  readonly afterItself: readonly string[];
  readonly dependents: StepNode[];
  /** Gates that hold it. */
  readonly heldBy: GateNode[];
  /** Gates that wait for it. */
  readonly awaitedBy: GateNode[];
}

export interface GateNode {
  readonly gate: Gate;
  /** How many of its steps have no outcome. */
  left: number;
  status: "waiting" | "open" | "shut";
  readonly holds: StepNode[];
}

export interface StageNode {
  readonly stage: Stage;
  admitted: boolean;
  /** Its steps stay blocked, whatever is tried again. */
  refused: boolean;
  /** Steps without an outcome. */
  left: number;
  /** How many steps may run, or could if the stage were admitted. */
  ready: number;
  /** Those of them that wait for the stage to be admitted. */
  waitingForStage: StepNode[];
}

export interface RolloutNodes {
  readonly steps: ReadonlyMap<string, StepNode>;
  readonly gates: ReadonlyMap<string, GateNode>;
  readonly stages: ReadonlyMap<string, StageNode>;
}

/** The plan's steps, gates and stages, with what waits for what. */
export function rolloutNodes(plan: Plan, ordered: readonly OrderedStep[]): RolloutNodes {
  const stages = new Map<string, StageNode>();
  for (const stage of plan.stages) {
    const left = stage.steps.length;
    stages.set(stage.name, { stage, admitted: false, refused: false, left, ready: 0, waitingForStage: [] });
  }
  const gates = new Map<string, GateNode>();
  for (const gate of plan.gates) {
    gates.set(gate.id, { gate, left: gate.steps.length, status: "waiting", holds: [] });
  }
  const afterOf = afterItself(plan);
  const steps = new Map<string, StepNode>();
  for (const order of ordered) {
    const { step } = order;
    const heldBy = (step.gates ?? []).flatMap((id) => gates.get(id) ?? []);
    const after = afterOf(step);
    const stage = stages.get(step.stage);
    const node: StepNode = {
      order,
      status: "waiting",
      // A gate that is not in the plan opens never.
      waitsFor: after.length + (step.gates?.length ?? 0),
      stage,
      afterItself: after,
      heldBy,
      dependents: [],
      awaitedBy: [],
    };
    steps.set(step.id, node);
    for (const gate of heldBy) gate.holds.push(node);
  }
  for (const node of steps.values()) for (const id of node.afterItself) steps.get(id)?.dependents.push(node);
  for (const gate of gates.values()) for (const id of gate.gate.steps) steps.get(id)?.awaitedBy.push(gate);
  return { steps, gates, stages };
}
