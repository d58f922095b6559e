import type { RolloutEvent } from "./events.ts";
import type { StepOutcome } from "./outcome.ts";
import type { RolloutProgress } from "./schedule-simulation.ts";

/** Where a rollout stands, by its events. */
export class ObservedProgress {
  readonly #outcomes: Map<string, StepOutcome>;
  readonly #startedAt = new Map<string, number>();
  readonly #opened = new Set<string>();
  readonly #stages = new Set<string>();

  /** @param settled how steps end that do not run: they count as ended from the beginning */
  constructor(settled: ReadonlyMap<string, StepOutcome> = new Map()) {
    this.#outcomes = new Map(settled);
  }

  /** How many steps have an outcome, whichever. */
  get ended(): number {
    return this.#outcomes.size;
  }

  /** How steps ended, by id, in the order in which they did; without those that run again. */
  get outcomes(): ReadonlyMap<string, StepOutcome> {
    return this.#outcomes;
  }

  /** @param now in milliseconds, on the clock that `at` goes by */
  on(event: RolloutEvent, now: number): void {
    switch (event.type) {
      case "stage-started":
        this.#stages.add(event.stage.name);
        return;
      case "step-started":
        this.#begin(event.step.id, now);
        return;
      case "step-retrying":
        this.#startedAt.delete(event.step.id);
        return;
      case "step-finished":
        this.#startedAt.delete(event.step.id);
        // Behind those that ended before it, also where it had ended once already.
        this.#outcomes.delete(event.step.id);
        this.#outcomes.set(event.step.id, event.outcome);
        return;
      case "gate-opened":
        this.#opened.add(event.gate.id);
        return;
      default:
        return;
    }
  }

  /** A copy: what happens later does not change it. */
  at(now: number): RolloutProgress {
    const running = new Map([...this.#startedAt].map(([id, since]) => [id, Math.max(0, now - since)]));
    return {
      ended: new Set(this.#outcomes.keys()),
      running,
      opened: new Set(this.#opened),
      stages: new Set(this.#stages),
    };
  }

  #begin(id: string, now: number): void {
    this.#startedAt.set(id, now);
    if (!this.#outcomes.delete(id)) return;
    // Tried again after its end was told: what it blocked is still to come, and nothing else says so.
    for (const [blocked, outcome] of this.#outcomes) {
      if (outcome.kind === "blocked" && outcome.on.includes(id)) this.#outcomes.delete(blocked);
    }
  }
}
