import { isDone, type StepOutcome } from "./outcome.ts";

// What outcomes and gates say to people, where other parts go by the same words: each stands here beside what reads it.

/** Of a step whose changes the operator did not choose: what waits for it is blocked, as nobody knows whether it is there. */
export const notChosen = "not chosen";

/** Whether nothing is left of it that the operator wants: it is done, or was not chosen. */
export function isAsWanted(outcome: StepOutcome | undefined): boolean {
  return isDone(outcome) || isNotChosen(outcome);
}

export function isNotChosen(outcome: StepOutcome | undefined): boolean {
  return outcome?.kind === "cancelled" && outcome.reason === notChosen;
}

/** Of a step whose diff shows that all of it is there already. */
export const noChange = "no change";

/** Of a rollout that a signal stopped, and of what did not begin for that. */
export const interrupted = "interrupted";

/** Of what ran when the rollout was interrupted, and did not come to its end. */
export const interruptedWhileItRan = "interrupted while it ran";

/** Of a stage's own command that the operator skipped. */
export const notWanted = "not wanted by the operator";

/** Of what an earlier run has done. */
export function doneIn(run: string): string {
  return `done in ${run}`;
}

export function isDoneEarlier(reason: string): boolean {
  return /^done in \S+$/.test(reason);
}

/** Of what gates held that did not open; `stages` are theirs. */
export function gateStayedShut(stages: readonly string[], reason: string): string {
  return `the gate of ${stages.join(", ")} stayed shut: ${reason}`;
}

/** Of a gate that was not waited for, as the command line said. */
export function gateSkipped(reason: string): string {
  return `skipped: ${reason}`;
}

/** Of a gate that did not open by itself, and that the operator went through. */
export function gateForced(reason: string): string {
  return `opened all the same: ${reason}`;
}

export function wasNotWaitedFor(reason: string): boolean {
  return /^(?:skipped|opened all the same): /.test(reason);
}
