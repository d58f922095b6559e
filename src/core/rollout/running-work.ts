import type { Stage, Step } from "../plan/plan.ts";
import type { RolloutEvent } from "./events.ts";

/** Keeps account of what runs in a rollout, by its events. */
export class RunningWork {
  readonly #steps = new Map<string, Step>();
  readonly #commands = new Map<string, Stage>();

  on(event: RolloutEvent): void {
    switch (event.type) {
      case "step-started":
        this.#steps.set(event.step.id, event.step);
        return;
      case "step-retrying":
      case "step-finished":
        this.#steps.delete(event.step.id);
        return;
      case "command-started":
        this.#commands.set(event.stage.name, event.stage);
        return;
      case "command-finished":
        this.#commands.delete(event.stage.name);
        return;
      default:
        return;
    }
  }

  /** Steps that were begun and have not ended. */
  get steps(): readonly Step[] {
    return [...this.#steps.values()];
  }

  /** Stages whose command was begun and has not ended. */
  get commands(): readonly Stage[] {
    return [...this.#commands.values()];
  }

  /** The ids of those steps, and the names of those stages. */
  get ids(): readonly string[] {
    return [...this.#steps.keys(), ...this.#commands.keys()];
  }
}
