import type { Gate, Plan, Stage, Step } from "../plan/plan.ts";
import { isDone, type StepOutcome } from "./outcome.ts";
import { type RolloutNodes, rolloutNodes, type StepNode } from "./rollout-nodes.ts";
import { type OrderOptions, rankSteps } from "./rollout-order.ts";
import { type QueueLimits, RolloutQueue } from "./rollout-queue.ts";
import { reviveNodes } from "./rollout-revival.ts";

/**
 * Where a rollout stands: which steps may run, which wait, how the others ended. It decides nothing about time
 * and runs nothing; whoever executes tells it what happened.
 */
export class RolloutState {
  readonly #nodes: RolloutNodes;
  readonly #queue: RolloutQueue<StepNode>;
  readonly #settled: ReadonlyMap<string, StepOutcome> | undefined;
  #running = 0;

  /** @param options without `expected` the order is that of the stages, and in a stage that of the plan */
  constructor(plan: Plan, options: OrderOptions & QueueLimits & SettledSteps = {}) {
    this.#settled = options.settled;
    this.#nodes = rolloutNodes(plan, rankSteps(plan, options));
    this.#queue = new RolloutQueue((node) => node.status === "ready", options);
    for (const node of this.#nodes.steps.values()) {
      this.#queue.expect(node);
      if (node.waitsFor === 0) this.#makeReady(node);
    }
  }

  get running(): number {
    return this.#running;
  }

  outcome(id: string): StepOutcome | undefined {
    const outcome = this.#nodes.steps.get(id)?.outcome;
    return outcome && this.#told(id, outcome);
  }

  /** Those of the steps that are not done, or that what they need keeps from counting. */
  missing(ids: readonly string[]): string[] {
    return ids.filter((id) => !isDone(this.#nodes.steps.get(id)?.outcome));
  }

  /** What whoever waits for these steps is blocked on: what is missing, and of a step that is done what it needs itself. */
  blockedOn(ids: readonly string[]): string[] {
    const on = this.missing(ids).flatMap((id) => {
      const { on: causes = [] } = this.#notCounted(id) ?? {};
      return causes.length > 0 ? causes : [id];
    });
    return [...new Set(on)];
  }

  /** Why the first of these steps that are done counts for nobody who waits for it; undefined if all of them do. */
  whyNotCounted(ids: readonly string[]): string | undefined {
    for (const id of ids) {
      const blocked = this.#notCounted(id);
      if (blocked)
        return `${id} ${blocked.on.length > 0 ? "needs what is missing" : "does not count"}: ${blocked.reason}`;
    }
    return undefined;
  }

  /** How a step is blocked that is done all the same; undefined for any other one. */
  #notCounted(id: string): Blocked | undefined {
    const outcome = this.#nodes.steps.get(id)?.outcome;
    return outcome?.kind === "blocked" && isDone(this.outcome(id)) ? outcome : undefined;
  }

  runningSteps(): Step[] {
    return [...this.#nodes.steps.values()]
      .filter(({ status }) => status === "running")
      .map(({ order }) => order.step);
  }

  /** The first of the steps that may run; it counts as running from now on. */
  take(): Step | undefined {
    const node = this.#queue.take();
    if (!node) return undefined;
    if (node.stage) node.stage.ready -= 1;
    node.status = "running";
    this.#running += 1;
    return node.order.step;
  }

  /** Stages that are not admitted and have a step that could run. */
  waitingStages(): Stage[] {
    return [...this.#nodes.stages.values()]
      .filter(({ admitted, ready }) => !admitted && ready > 0)
      .map(({ stage }) => stage);
  }

  /** Whether a step could run, now or as soon as its namespace has room. */
  hasReadyStep(): boolean {
    return [...this.#nodes.stages.values()].some(({ admitted, ready }) => admitted && ready > 0);
  }

  /** From now on the stage's steps may run. */
  admit(stage: string): void {
    const node = this.#nodes.stages.get(stage);
    if (!node) return;
    node.admitted = true;
    for (const held of node.waitingForStage) this.#queue.push(held);
    node.waitingForStage = [];
  }

  /** Blocks whatever of a stage has not begun. */
  refuse(stage: string, reason: string): Change {
    const change = newChange();
    const refused = this.#nodes.stages.get(stage);
    if (!refused) return change;
    refused.refused = true;
    for (const node of this.#nodes.steps.values()) {
      if (node.stage === refused && !hasBegun(node)) {
        this.#end(node, { kind: "blocked", on: [], reason }, change);
      }
    }
    return change;
  }

  /** The step has ended, and how is still to be decided: it takes no worker meanwhile. */
  suspend(id: string): void {
    const node = this.#nodes.steps.get(id);
    if (node?.status !== "running") return;
    this.#leave(node);
    node.status = "suspended";
  }

  /** The suspended step may run again. */
  resume(id: string): void {
    const node = this.#nodes.steps.get(id);
    if (node?.status !== "suspended") return;
    this.#queue.expect(node);
    this.#makeReady(node);
  }

  /** Records how a step ended, and what follows from that. */
  finish(id: string, outcome: StepOutcome): Change {
    const change = newChange();
    const node = this.#nodes.steps.get(id);
    if (node && node.status !== "done") this.#end(node, outcome, change);
    return change;
  }

  isOpen(gate: string): boolean {
    return this.#nodes.gates.get(gate)?.status === "open";
  }

  /** Lets go what the gate holds. */
  open(gate: string): void {
    const node = this.#nodes.gates.get(gate);
    if (!node || node.status === "open") return;
    node.status = "open";
    for (const held of node.holds) this.#release(held);
  }

  /** Blocks what the gate holds. */
  shut(gate: string, reason: string): Change {
    const change = newChange();
    const node = this.#nodes.gates.get(gate);
    if (!node || node.status === "open") return change;
    node.status = "shut";
    const on = this.blockedOn(node.gate.steps);
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
    const { revived, ready, gates } = reviveNodes(this.#nodes, ids);
    for (const node of revived) this.#queue.expect(node);
    for (const node of ready) this.#makeReady(node);
    return { revived: revived.length > 0, gates };
  }

  /** Cancels whatever has not begun. */
  cancel(reason: string): Change {
    const change = newChange();
    for (const node of this.#nodes.steps.values()) {
      if (!hasBegun(node)) this.#record(node, { kind: "cancelled", reason }, change);
    }
    return change;
  }

  /** @param ids of which steps; those that have not ended have none. @default all */
  outcomes(ids: Iterable<string> = this.#nodes.steps.keys()): Map<string, StepOutcome> {
    const outcomes = new Map<string, StepOutcome>();
    for (const id of ids) {
      const outcome = this.outcome(id);
      if (outcome) outcomes.set(id, outcome);
    }
    return outcomes;
  }

  /** What was done before, or has nothing to do, is there, also where it was cancelled or blocked. */
  #told(id: string, outcome: StepOutcome): StepOutcome {
    const known = this.#settled?.get(id);
    return known && isDone(known) ? known : outcome;
  }

  #makeReady(node: StepNode): void {
    node.status = "ready";
    if (!node.stage) return;
    node.stage.ready += 1;
    if (node.stage.admitted) this.#queue.push(node);
    else node.stage.waitingForStage.push(node);
  }

  #leave(node: StepNode): void {
    this.#running -= 1;
    this.#queue.leave(node);
  }

  #release(node: StepNode): void {
    node.waitsFor -= 1;
    if (node.waitsFor === 0 && node.status === "waiting") this.#makeReady(node);
  }

  /** Not recursive: a chain of blocked steps may be as long as the plan. */
  #end(first: StepNode, outcome: StepOutcome, change: Change): void {
    this.#record(first, outcome, change);
    if (isDone(outcome)) {
      for (const dependent of first.dependents) this.#release(dependent);
      return;
    }
    const stack = [first];
    for (let node = stack.pop(); node; node = stack.pop()) {
      for (const dependent of node.dependents) {
        if (dependent.status !== "waiting") continue;
        this.#record(dependent, blockedBehind(node), change);
        stack.push(dependent);
      }
    }
  }

  #record(node: StepNode, outcome: StepOutcome, change: Change): void {
    const { stage, status } = node;
    if (status === "running") this.#leave(node);
    if (!hasBegun(node)) this.#queue.forgo(node);
    if (stage && status === "ready") stage.ready -= 1;
    node.status = "done";
    node.outcome = outcome;
    const { step } = node.order;
    change.finished.push({ step, outcome: this.#told(step.id, outcome) });
    if (stage) {
      stage.left -= 1;
      if (stage.left === 0) change.stages.push(stage.stage);
    }
    for (const gate of node.awaitedBy) {
      gate.left -= 1;
      if (gate.left === 0 && gate.status === "waiting") change.gates.push(gate.gate);
    }
  }
}

export interface SettledSteps {
  /**
   * How steps ended that are not to run. One that is done stays done, also where it is blocked or cancelled; but what
   * it needs is missing then, and what waits for it does not begin.
   */
  readonly settled?: ReadonlyMap<string, StepOutcome> | undefined;
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

function hasBegun({ status }: StepNode): boolean {
  return status !== "waiting" && status !== "ready";
}

function newChange(): Change {
  return { finished: [], gates: [], stages: [] };
}

type Blocked = Extract<StepOutcome, { kind: "blocked" }>;

function blockedBehind({ order, outcome }: StepNode): Blocked {
  // The first cause is what the operator has to mend, not the link before in a chain.
  if (outcome?.kind === "blocked") {
    return outcome.on.length > 0 ? outcome : { ...outcome, on: [order.step.id] };
  }
  return {
    kind: "blocked",
    on: [order.step.id],
    reason: `${order.step.id} ${outcome?.kind ?? "did not end"}`,
  };
}
