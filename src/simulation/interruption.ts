import type { Cancel, Clock } from "./clock.ts";

/** `stopped`: asked to stop, with time to clean up. `killed`: without. */
export type InterruptionCause = "stopped" | "killed";

/**
 * What a simulated process looks at to see whether it may go on. Lighter than an AbortSignal, which would be the
 * dearest part of a simulated deployment, and there are a hundred thousand of those in a test of scale.
 */
export class Interruption {
  /** Undefined as long as the process may go on. */
  cause: InterruptionCause | undefined;
  readonly #waiting = new Set<() => void>();

  /** The first cause holds, but who was asked to stop can still be killed. */
  interrupt(cause: InterruptionCause): void {
    if (this.cause === "killed") return;
    this.cause = cause;
    const callbacks = [...this.#waiting];
    this.#waiting.clear();
    for (const callback of callbacks) callback();
  }

  /** Calls back at the interruption, at once if there was one. */
  onInterrupt(callback: () => void): Cancel {
    if (this.cause !== undefined) {
      callback();
      return () => {};
    }
    this.#waiting.add(callback);
    return () => this.#waiting.delete(callback);
  }
}

/** Waits, but not longer than until the interruption. */
export async function pause(clock: Clock, ms: number, interruption: Interruption): Promise<void> {
  if (interruption.cause !== undefined) return;
  await new Promise<void>((resolve) => {
    const cancel = clock.after(ms, () => {
      ignore();
      resolve();
    });
    const ignore = interruption.onInterrupt(() => {
      cancel();
      resolve();
    });
  });
}
