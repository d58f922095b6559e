import TinyQueue from "tinyqueue";
import { isDoneKind, type StepOutcome } from "./outcome.ts";
import type { Gate, Plan, Stage, Step } from "./plan.ts";

/**
 * Where a rollout stands: which steps may run, which wait, how the others ended. It decides nothing about time
 * and runs nothing; whoever executes tells it what happened.
 */
export class RolloutState {
  readonly plan: Plan;
  readonly #nodes = new Map<string, Node>();
  readonly #gates = new Map<string, GateNode>();
  readonly #stages = new Map<string, StageNode>();
  #running = 0;

  constructor(plan: Plan) {
    this.plan = plan;
    plan.stages.forEach((stage) => {
      const left = stage.steps.length;
      this.#stages.set(stage.name, { stage, admitted: false, refused: false, left, ready: newQueue() });
    });
    plan.steps.forEach((step, at) => {
      this.#nodes.set(step.id, { step, at, status: "waiting", waitsFor: 0, dependents: [], gates: [] });
    });
    for (const gate of plan.gates) {
      this.#gates.set(gate.id, { gate, left: gate.steps.length, status: "waiting", holds: [] });
      for (const id of gate.steps) this.#nodes.get(id)?.gates.push(gate.id);
    }
    for (const node of this.#nodes.values()) this.#connect(node);
    for (const node of this.#nodes.values()) if (node.waitsFor === 0) this.#makeReady(node);
  }

  get running(): number {
    return this.#running;
  }

  outcome(id: string): StepOutcome | undefined {
    return this.#nodes.get(id)?.outcome;
  }

  runningSteps(): Step[] {
    return [...this.#nodes.values()].filter((node) => node.status === "running").map((node) => node.step);
  }

  /** The next step that may run, in the plan's order; it counts as running from now on. */
  take(): Step | undefined {
    for (const stage of this.#stages.values()) {
      if (!stage.admitted) continue;
      for (let node = stage.ready.pop(); node; node = stage.ready.pop()) {
        if (node.status !== "ready") continue;
        node.status = "running";
        this.#running += 1;
        return node.step;
      }
    }
    return undefined;
  }

  /** Stages that are not admitted and have a step that could run. */
  waitingStages(): Stage[] {
    return [...this.#stages.values()]
      .filter((stage) => !stage.admitted && hasReady(stage))
      .map(({ stage }) => stage);
  }

  hasReadyStep(): boolean {
    return [...this.#stages.values()].some((stage) => stage.admitted && hasReady(stage));
  }

  /** From now on the stage's steps may run. */
  admit(stage: string): void {
    const node = this.#stages.get(stage);
    if (node) node.admitted = true;
  }

  /** Blocks whatever of a stage has not begun. */
  refuse(stage: string, reason: string): Change {
    const change = newChange();
    const refused = this.#stages.get(stage);
    if (refused) refused.refused = true;
    for (const node of this.#nodes.values()) {
      const begun = node.status !== "waiting" && node.status !== "ready";
      if (node.step.stage === stage && !begun) this.#end(node, { kind: "blocked", on: [], reason }, change);
    }
    return change;
  }

  /** The step has ended, and how is still to be decided: it takes no worker meanwhile. */
  suspend(id: string): void {
    const node = this.#nodes.get(id);
    if (node?.status !== "running") return;
    this.#running -= 1;
    node.status = "suspended";
  }

  /** The suspended step may run again. */
  resume(id: string): void {
    const node = this.#nodes.get(id);
    if (node?.status === "suspended") this.#makeReady(node);
  }

  /** Records how a step ended, and what follows from that. */
  finish(id: string, outcome: StepOutcome): Change {
    const change = newChange();
    const node = this.#nodes.get(id);
    if (node && node.status !== "done") this.#end(node, outcome, change);
    return change;
  }

  isOpen(gate: string): boolean {
    return this.#gates.get(gate)?.status === "open";
  }

  /** Lets go what the gate holds. */
  open(gate: string): void {
    const node = this.#gates.get(gate);
    if (!node || node.status === "open") return;
    node.status = "open";
    for (const held of node.holds) this.#release(held);
  }

  /** Blocks what the gate holds. */
  shut(gate: string, reason: string): Change {
    const change = newChange();
    const node = this.#gates.get(gate);
    if (!node || node.status === "open") return change;
    node.status = "shut";
    const on = node.gate.steps.filter((id) => !isDone(this.outcome(id)));
    for (const held of node.holds) {
      if (held.status === "waiting") this.#end(held, { kind: "blocked", on, reason }, change);
    }
    return change;
  }

  /**
   * Gives steps that did not succeed another chance, with what they were blocked by and whatever was blocked by
   * them. Tells whether any of them may run again, and the gates that have to be judged anew.
   */
  revive(ids: readonly string[]): { readonly revived: boolean; readonly gates: readonly Gate[] } {
    const revived = this.#toRevive(ids);
    for (const node of revived) {
      delete node.outcome;
      node.status = "waiting";
      const stage = this.#stages.get(node.step.stage);
      if (stage) stage.left += 1;
      for (const id of node.gates) this.#expectAgain(id);
    }
    const gates = new Set<Gate>();
    for (const node of revived) {
      node.waitsFor = 0;
      for (const id of this.#direct(node.step)) if (!isDone(this.outcome(id))) node.waitsFor += 1;
      for (const id of node.step.gates ?? []) {
        if (this.isOpen(id)) continue;
        node.waitsFor += 1;
        const gate = this.#gates.get(id);
        if (gate?.status !== "shut") continue;
        gate.status = "waiting";
        if (gate.left === 0) gates.add(gate.gate);
      }
      if (node.waitsFor === 0) this.#makeReady(node);
    }
    return { revived: revived.length > 0, gates: [...gates] };
  }

  /** Cancels whatever has not begun. */
  cancel(reason: string): Change {
    const change = newChange();
    for (const node of this.#nodes.values()) {
      if (node.status !== "waiting" && node.status !== "ready") continue;
      this.#record(node, { kind: "cancelled", reason }, change);
    }
    return change;
  }

  outcomes(): Map<string, StepOutcome> {
    const outcomes = new Map<string, StepOutcome>();
    for (const [id, { outcome }] of this.#nodes) if (outcome) outcomes.set(id, outcome);
    return outcomes;
  }

  /** What the step waits for itself, without what a gate waits for on its behalf. */
  #direct(step: Step): string[] {
    if (!step.gates) return step.after;
    const gated = new Set(step.gates.flatMap((gate) => this.#gates.get(gate)?.gate.steps ?? []));
    return step.after.filter((id) => !gated.has(id));
  }

  #connect(node: Node): void {
    for (const id of this.#direct(node.step)) {
      node.waitsFor += 1;
      this.#nodes.get(id)?.dependents.push(node);
    }
    for (const id of node.step.gates ?? []) {
      node.waitsFor += 1;
      this.#gates.get(id)?.holds.push(node);
    }
  }

  #makeReady(node: Node): void {
    node.status = "ready";
    this.#stages.get(node.step.stage)?.ready.push(node);
  }

  #release(node: Node): void {
    node.waitsFor -= 1;
    if (node.waitsFor === 0 && node.status === "waiting") this.#makeReady(node);
  }

  /** Not recursive: a chain of blocked steps may be as long as the plan. */
  #end(first: Node, outcome: StepOutcome, change: Change): void {
    this.#record(first, outcome, change);
    if (isDone(outcome)) {
      for (const dependent of first.dependents) this.#release(dependent);
      return;
    }
    const stack = [first];
    for (let node = stack.pop(); node; node = stack.pop()) {
      for (const dependent of node.dependents) {
        if (dependent.status !== "waiting") continue;
        this.#record(dependent, blockedOn(node), change);
        stack.push(dependent);
      }
    }
  }

  #record(node: Node, outcome: StepOutcome, change: Change): void {
    if (node.status === "running") this.#running -= 1;
    node.status = "done";
    node.outcome = outcome;
    change.finished.push({ step: node.step, outcome });
    const stage = this.#stages.get(node.step.stage);
    if (stage) {
      stage.left -= 1;
      if (stage.left === 0) change.stages.push(stage.stage);
    }
    for (const id of node.gates) {
      const gate = this.#gates.get(id);
      if (!gate) continue;
      gate.left -= 1;
      if (gate.left === 0 && gate.status === "waiting") change.gates.push(gate.gate);
    }
  }

  #expectAgain(id: string): void {
    const gate = this.#gates.get(id);
    if (!gate) return;
    gate.left += 1;
    if (gate.status !== "open") gate.status = "waiting";
  }

  #toRevive(ids: readonly string[]): Node[] {
    const found = new Set<Node>();
    const stack = ids.flatMap((id) => this.#nodes.get(id) ?? []);
    for (let node = stack.pop(); node; node = stack.pop()) {
      if (found.has(node) || node.status !== "done" || isDone(node.outcome)) continue;
      if (this.#stages.get(node.step.stage)?.refused) continue;
      found.add(node);
      if (node.outcome?.kind === "blocked")
        stack.push(...node.outcome.on.flatMap((id) => this.#nodes.get(id) ?? []));
      stack.push(...node.dependents.filter((dependent) => dependent.outcome?.kind === "blocked"));
    }
    return [...found];
  }
}

/** What followed from something that happened. */
export interface Change {
  /** Steps that have an outcome now, in the order in which they got it. */
  readonly finished: { readonly step: Step; readonly outcome: StepOutcome }[];
  /** Gates whose steps have all ended. */
  readonly gates: Gate[];
  /** Stages whose steps have all ended. */
  readonly stages: Stage[];
}

/** Whether what waits for the step may go on; not while it has no outcome. */
export function isDone(outcome: StepOutcome | undefined): boolean {
  return isDoneKind(outcome?.kind);
}

interface Node {
  readonly step: Step;
  readonly at: number;
  status: "waiting" | "ready" | "running" | "suspended" | "done";
  waitsFor: number;
  outcome?: StepOutcome;
  readonly dependents: Node[];
  /** Gates that wait for this step. */
  readonly gates: string[];
}

interface GateNode {
  readonly gate: Gate;
  left: number;
  status: "waiting" | "open" | "shut";
  readonly holds: Node[];
}

interface StageNode {
  readonly stage: Stage;
  admitted: boolean;
  /** Its steps stay blocked, whatever is tried again. */
  refused: boolean;
  /** Steps without an outcome. */
  left: number;
  readonly ready: TinyQueue<Node>;
}

function newQueue(): TinyQueue<Node> {
  return new TinyQueue<Node>([], (left, right) => left.at - right.at);
}

/** Drops what ended while it stood in the queue. */
function hasReady({ ready }: StageNode): boolean {
  for (let node = ready.peek(); node; node = ready.peek()) {
    if (node.status === "ready") return true;
    ready.pop();
  }
  return false;
}

function newChange(): Change {
  return { finished: [], gates: [], stages: [] };
}

function blockedOn({ step, outcome }: Node): StepOutcome {
  // The first cause is what the operator has to mend, not the link before in a chain.
  if (outcome?.kind === "blocked") return outcome;
  return { kind: "blocked", on: [step.id], reason: `${step.id} ${outcome?.kind ?? "did not end"}` };
}
