import type { Gate } from "../plan/plan.ts";
import { isDoneKind } from "./outcome.ts";
import type { GateNode, RolloutNodes, StepNode } from "./rollout-nodes.ts";

export interface Revival {
  /** Steps without an outcome again. */
  readonly revived: readonly StepNode[];
  /** Those of them that wait for nothing. */
  readonly ready: readonly StepNode[];
  /** Gates that have to be judged anew. */
  readonly gates: readonly Gate[];
}

/**
 * Takes the outcome away from steps that did not succeed, from what they were blocked by, and from whatever was
 * blocked by them.
 */
export function reviveNodes(nodes: RolloutNodes, ids: readonly string[]): Revival {
  const revived = nodesToRevive(nodes, ids);
  for (const node of revived) {
    delete node.outcome;
    node.status = "waiting";
    if (node.stage) node.stage.left += 1;
    for (const gate of node.awaitedBy) expectAgain(gate);
  }
  const gates = new Set<Gate>();
  for (const node of revived) {
    const { afterItself, heldBy, order } = node;
    const open = heldBy.filter(({ status }) => status === "open").length;
    node.waitsFor = afterItself.filter((id) => !isDoneKind(nodes.steps.get(id)?.outcome?.kind)).length;
    node.waitsFor += (order.step.gates?.length ?? 0) - open;
    for (const gate of heldBy) {
      if (gate.status !== "shut") continue;
      gate.status = "waiting";
      if (gate.left === 0) gates.add(gate.gate);
    }
  }
  return { revived, ready: revived.filter(({ waitsFor }) => waitsFor === 0), gates: [...gates] };
}

function nodesToRevive(nodes: RolloutNodes, ids: readonly string[]): StepNode[] {
  const found = new Set<StepNode>();
  const stack = ids.flatMap((id) => nodes.steps.get(id) ?? []);
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (found.has(node) || node.status !== "done" || isDoneKind(node.outcome?.kind)) continue;
    if (node.stage?.refused) continue;
    found.add(node);
    if (node.outcome?.kind === "blocked")
      stack.push(...node.outcome.on.flatMap((id) => nodes.steps.get(id) ?? []));
    // What a gate holds is blocked by the gate's steps, though it does not wait for them itself.
    const behind = [...node.dependents, ...node.awaitedBy.flatMap(({ holds }) => holds)];
    stack.push(...behind.filter(({ outcome }) => outcome?.kind === "blocked"));
  }
  return [...found];
}

function expectAgain(gate: GateNode): void {
  gate.left += 1;
  if (gate.status !== "open") gate.status = "waiting";
}
