import type { Stage, Step } from "../plan/plan.ts";
import type { RolloutEvent } from "./events.ts";
import type { StepOutcome } from "./outcome.ts";
import { interruptedWhileItRan } from "./outcome-reasons.ts";

/** Keeps account of what runs in a rollout, by its events. */
export class RunningWork {
  readonly #steps = new Map<string, Step>();
  readonly #commands = new Map<string, Stage>();
  readonly #cutOff = { steps: new Set<Step>(), commands: new Set<Stage>() };

  on(event: RolloutEvent): void {
    switch (event.type) {
      case "step-started":
        this.#steps.set(event.step.id, event.step);
        return;
      case "step-finished":
        if (isCutOff(event.outcome)) this.#cutOff.steps.add(event.step);
        this.#steps.delete(event.step.id);
        return;
      case "step-retrying":
        this.#steps.delete(event.step.id);
        return;
      case "command-started":
        this.#commands.set(event.stage.name, event.stage);
        return;
      case "command-finished":
        if (isCutOff(event.outcome)) this.#cutOff.commands.add(event.stage);
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

  /** What ran when the rollout was interrupted, and has ended without coming to its end. */
  get cutOff(): { readonly steps: readonly Step[]; readonly commands: readonly Stage[] } {
    return { steps: [...this.#cutOff.steps], commands: [...this.#cutOff.commands] };
  }

  /** The ids of the steps that run, and the names of the stages whose command does. */
  get ids(): readonly string[] {
    return [...this.#steps.keys(), ...this.#commands.keys()];
  }
}

function isCutOff(outcome: StepOutcome): boolean {
  return outcome.kind === "cancelled" && outcome.reason === interruptedWhileItRan;
}
