import TinyQueue from "tinyqueue";
import type { Plan } from "../plan/plan.ts";
import type { Durations } from "./durations.ts";
import { type OrderedStep, type OrderOptions, rankSteps } from "./rollout-order.ts";
import { type QueueLimits, RolloutQueue } from "./rollout-queue.ts";
import { type ScheduleGraph, scheduleGraph } from "./schedule-graph.ts";

export interface ScheduleOptions extends OrderOptions, QueueLimits {
  readonly jobs: number;
  /** Whether a stage begins only when nothing of the one before is left, as where somebody is asked between them. */
  readonly stagesInTurn?: boolean;
  /** Where the rollout stands: the schedule is for what is left of it. @default nothing has begun */
  readonly progress?: RolloutProgress;
}

export interface RolloutProgress {
  /** Steps that have an outcome, whichever: what was blocked does not come any more. */
  readonly ended: ReadonlySet<string>;
  /** For how many milliseconds each running step has run. One that outlived its expectation ends at once here. */
  readonly running: ReadonlyMap<string, number>;
  /** Gates that are open. */
  readonly opened: ReadonlySet<string>;
  /** Stages that have begun, by name; it matters only where stages go in turn. @default none */
  readonly stages?: ReadonlySet<string>;
}

export interface Schedule {
  /** When the last step ends, in milliseconds from now. */
  readonly makespanMs: number;
  /** By step id, in the order in which they begin. Steps that have ended are not in it. */
  readonly steps: ReadonlyMap<string, ScheduledStep>;
}

/** When a step begins and ends, in milliseconds from now. */
export interface ScheduledStep {
  /** Negative if it runs already. */
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Goes through a rollout in virtual time, with the choices that `RolloutState` makes: how long a plan will probably
 * take, and what is left of a run.
 *
 * @param durations what the steps take; also what `expected` is by default
 *
 * @example
 * const { makespanMs } = simulateSchedule(plan, estimateDurations(plan, measured), { jobs: 8 });
 */
export function simulateSchedule(plan: Plan, durations: Durations, options: ScheduleOptions): Schedule {
  if (!(options.jobs >= 1)) throw new RangeError(`no step could ever run: ${options.jobs} jobs`);
  return new VirtualRollout(plan, durations, options).run();
}

class VirtualRollout {
  readonly #plan: Plan;
  readonly #options: ScheduleOptions;
  readonly #graph: ScheduleGraph;
  readonly #steps: readonly VirtualStep[];
  readonly #queue: RolloutQueue<VirtualStep>;
  /** Of stages that have not begun, the steps that could. */
  readonly #held: Map<string, VirtualStep[]>;
  /** Steps and gates that end or are open, or are about to: nothing lets them go again. */
  readonly #begun: Uint8Array;
  readonly #ends = new TinyQueue<End>([], (left, right) => left.at - right.at || left.node - right.node);
  readonly #scheduled = new Map<string, ScheduledStep>();
  #running = 0;

  constructor(plan: Plan, durations: Durations, options: ScheduleOptions) {
    const { stagesInTurn, gateMs, progress } = options;
    this.#plan = plan;
    this.#options = options;
    this.#graph = scheduleGraph(plan, durations, gateMs);
    this.#begun = new Uint8Array(this.#graph.ms.length);
    const ordered = rankSteps(plan, { expected: durations, ...options });
    this.#steps = ordered.map((order, node) => ({ node, order }));
    this.#queue = new RolloutQueue(() => true, options);
    const waiting = stagesInTurn ? plan.stages.filter(({ name }) => !progress?.stages?.has(name)) : [];
    this.#held = new Map(waiting.map(({ name }) => [name, []]));
  }

  run(): Schedule {
    this.#standWhereItStands();
    let now = 0;
    do {
      this.#startMore(now);
      for (let end = this.#ends.pop(); end; end = this.#ends.pop()) {
        now = end.at;
        this.#end(end);
        // All that happens at one moment happens before anything is chosen.
        if (this.#ends.peek()?.at !== now) this.#startMore(now);
      }
    } while (this.#beginNextStage());
    let makespanMs = 0;
    for (const { endMs } of this.#scheduled.values()) makespanMs = Math.max(makespanMs, endMs);
    return { makespanMs, steps: this.#scheduled };
  }

  #standWhereItStands(): void {
    const { ended, running, opened } = this.#options.progress ?? nothingBegun;
    const free = [...this.#graph.waitsFor.keys()].filter((node) => this.#graph.waitsFor[node] === 0);
    const settled: number[] = [];
    this.#plan.steps.forEach(({ id }, node) => {
      const step = this.#steps[node];
      const since = running.get(id);
      if (ended.has(id)) settled.push(node);
      else if (step && since !== undefined) {
        this.#begun[node] = 1;
        this.#queue.enter(step);
        this.#start(step, -since, Math.max(0, (this.#graph.ms[node] ?? 0) - since));
      }
    });
    this.#plan.gates.forEach(({ id }, at) => {
      if (opened.has(id)) settled.push(this.#graph.steps + at);
    });
    for (const node of settled) this.#begun[node] = 1;
    for (const step of this.#steps) if (this.#begun[step.node] === 0) this.#queue.expect(step);
    for (const node of free) this.#letGo(node, 0);
    for (const node of settled) this.#release(node, 0);
  }

  #startMore(now: number): void {
    while (this.#running < this.#options.jobs) {
      const step = this.#queue.take();
      if (!step) return;
      this.#start(step, now, now + (this.#graph.ms[step.node] ?? 0));
    }
  }

  #start({ node, order }: VirtualStep, startMs: number, endMs: number): void {
    this.#running += 1;
    this.#scheduled.set(order.step.id, { startMs, endMs });
    this.#ends.push({ node, at: endMs });
  }

  #end({ node, at }: End): void {
    const step = this.#steps[node];
    if (step) {
      this.#running -= 1;
      this.#queue.leave(step);
    }
    this.#release(node, at);
  }

  #release(node: number, now: number): void {
    const { next, waitsFor } = this.#graph;
    for (const dependent of next[node] ?? []) {
      const left = (waitsFor[dependent] ?? 0) - 1;
      waitsFor[dependent] = left;
      if (left === 0) this.#letGo(dependent, now);
    }
  }

  /** Nothing is left that it waits for: a step may run, a gate settles. */
  #letGo(node: number, now: number): void {
    if (this.#begun[node] === 1) return;
    this.#begun[node] = 1;
    const step = this.#steps[node];
    if (!step) {
      this.#ends.push({ node, at: now + (this.#graph.ms[node] ?? 0) });
      return;
    }
    const held = this.#held.get(step.order.step.stage);
    if (held) held.push(step);
    else this.#queue.push(step);
  }

  /** Once nothing runs and nothing could: the first stage with a step that waits for its turn. */
  #beginNextStage(): boolean {
    for (const [stage, held] of this.#held) {
      if (held.length === 0) continue;
      this.#held.delete(stage);
      for (const step of held) this.#queue.push(step);
      return true;
    }
    return false;
  }
}

interface VirtualStep {
  readonly node: number;
  readonly order: OrderedStep;
}

interface End {
  readonly at: number;
  readonly node: number;
}

const nothingBegun: RolloutProgress = { ended: new Set(), running: new Map(), opened: new Set() };
