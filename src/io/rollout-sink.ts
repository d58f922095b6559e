import type { RolloutEvent } from "../core/rollout/events.ts";
import type { ShownRollout } from "../core/view/progress-view.ts";

/** Shows a rollout to the operator, as it goes on. */
export interface RolloutSink {
  /** What it is about, before its first event. @param now milliseconds, on the clock that the rollout goes by */
  readonly begin: (shown: ShownRollout, now: () => number) => void;
  readonly on: (event: RolloutEvent) => void;
  /** Prints what is true only now: while a question stands, not even later. */
  readonly tell: (text: string) => void;
  /** A promise where the reader of the terminal's stream cannot follow, until it can. */
  readonly congested: () => Promise<void> | undefined;
  /** Holds lines back while a question stands on the terminal. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Leaves the terminal as it is without it. What comes then is printed as it comes. */
  readonly close: () => void;
}
