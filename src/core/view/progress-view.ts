import type { Plan } from "../plan/plan.ts";
import type { RolloutEvent } from "../rollout/events.ts";
import { ObservedProgress } from "../rollout/observed-progress.ts";
import type { StepOutcome } from "../rollout/outcome.ts";
import { type Forecast, timeLeft } from "../rollout/time-left.ts";

/** What a rollout is about, told before it begins. */
export interface ShownRollout {
  readonly plan: Plan;
  /** How steps end that do not run. */
  readonly settled: ReadonlyMap<string, StepOutcome>;
  /** Absent where nothing is known of it. */
  readonly forecast?: Forecast;
}

/** A step, or the command of a stage, that runs. */
export interface RunningPart {
  readonly id: string;
  readonly since: number;
  /** The last line that it printed, or what was seen in the cluster since. */
  readonly note: string;
  /** Something in the cluster stands in its way, as far as was seen. */
  readonly isTroubled: boolean;
}

/** How long what was worked out of the time left counts, in milliseconds: with many steps it takes a while. */
const timeLeftMs = 1_000;

/** Where a rollout stands, for people who look on. Fed by its events; times are on the clock that `now` goes by. */
export class ProgressView {
  readonly plan: Plan;
  readonly #forecast: Forecast | undefined;
  readonly #progress: ObservedProgress;
  /** What runs, each in the place that it keeps until it ends. */
  readonly #places: (RunningPart | undefined)[] = [];
  readonly #retries = new Map<string, { readonly at: number; readonly reason: string }>();
  readonly #waitingGates = new Map<string, string>();
  readonly #shutGates = new Map<string, string>();
  readonly #commands = new Map<string, StepOutcome>();
  #startedAt: number | undefined;
  #stopping: string | undefined;
  #left: { readonly at: number; readonly ms: number } | undefined;

  constructor({ plan, settled, forecast }: ShownRollout) {
    this.plan = plan;
    this.#forecast = forecast;
    this.#progress = new ObservedProgress(settled);
  }

  on(event: RolloutEvent, now: number): void {
    this.#progress.on(event, now);
    switch (event.type) {
      case "rollout-started":
        this.#startedAt = now;
        return;
      case "step-started":
        this.#retries.delete(event.step.id);
        this.#begin(event.step.id, now);
        return;
      case "step-printed":
        this.#note(event.step.id, event.line);
        return;
      case "step-noticed":
        this.#note(event.step.id, `${event.evidence.subject}: ${event.evidence.message}`, true);
        return;
      case "release-mending":
        this.#note(event.step.id, event.command.join(" "));
        return;
      case "step-retrying":
        this.#end(event.step.id);
        this.#retries.set(event.step.id, { at: now + event.afterMs, reason: event.reason });
        return;
      case "step-finished":
        this.#retries.delete(event.step.id);
        this.#end(event.step.id);
        return;
      case "gate-waiting":
        this.#shutGates.delete(event.gate.id);
        this.#waitingGates.set(event.gate.id, event.reason);
        return;
      case "gate-opened":
        this.#waitingGates.delete(event.gate.id);
        this.#shutGates.delete(event.gate.id);
        return;
      case "gate-stayed-shut":
        this.#waitingGates.delete(event.gate.id);
        this.#shutGates.set(event.gate.id, event.reason);
        return;
      case "command-started":
        this.#commands.delete(event.stage.name);
        this.#begin(event.stage.name, now);
        return;
      case "command-printed":
        this.#note(event.stage.name, event.line);
        return;
      case "command-finished":
        this.#end(event.stage.name);
        this.#commands.set(event.stage.name, event.outcome);
        return;
      case "rollout-stopping":
        this.#stopping = event.reason;
        return;
      default:
        return;
    }
  }

  /** How steps ended, by id, in the order in which they did. */
  get outcomes(): ReadonlyMap<string, StepOutcome> {
    return this.#progress.outcomes;
  }

  /** How the commands of stages ended, by stage. */
  get commands(): ReadonlyMap<string, StepOutcome> {
    return this.#commands;
  }

  /** In places that they keep: one that ends leaves its place to the next one that begins. */
  get running(): readonly RunningPart[] {
    return this.#places.flatMap((part) => part ?? []);
  }

  /** Steps that wait for their next try, by id. */
  get retries(): ReadonlyMap<string, { readonly at: number; readonly reason: string }> {
    return this.#retries;
  }

  /** Gates that are waited for, and why they are not open yet, by id. */
  get waitingGates(): ReadonlyMap<string, string> {
    return this.#waitingGates;
  }

  /** Gates that stayed shut, and why, by id. */
  get shutGates(): ReadonlyMap<string, string> {
    return this.#shutGates;
  }

  /** Why nothing more is begun. */
  get stopping(): string | undefined {
    return this.#stopping;
  }

  elapsed(now: number): number {
    return this.#startedAt === undefined ? 0 : Math.max(0, now - this.#startedAt);
  }

  /** How long the step was expected to take, in milliseconds; undefined where no more than a guess is known. */
  expected(id: string): number | undefined {
    const expected = this.#forecast?.durations.get(id);
    return expected === undefined || expected.from === "constant" ? undefined : expected.ms;
  }

  /** Milliseconds until the last step ends, if all goes as expected; undefined where that cannot be said. */
  timeLeft(now: number): number | undefined {
    const { ended } = this.#progress;
    if (!this.#forecast || this.#stopping !== undefined || ended >= this.plan.steps.length) return undefined;
    if (!this.#left || Math.abs(now - this.#left.at) >= timeLeftMs) {
      this.#left = { at: now, ms: timeLeft(this.plan, this.#progress.at(now), this.#forecast) };
    }
    return this.#left.ms;
  }

  #begin(id: string, since: number): void {
    this.#end(id);
    const free = this.#places.indexOf(undefined);
    this.#places[free === -1 ? this.#places.length : free] = { id, since, note: "", isTroubled: false };
  }

  #end(id: string): void {
    const place = this.#places.findIndex((part) => part?.id === id);
    if (place !== -1) this.#places[place] = undefined;
  }

  #note(id: string, note: string, isTrouble = false): void {
    const place = this.#places.findIndex((part) => part?.id === id);
    const part = this.#places[place];
    if (!part || note.trim() === "") return;
    this.#places[place] = { ...part, note, isTroubled: part.isTroubled || isTrouble };
  }
}
