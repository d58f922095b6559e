import { retryableReason } from "../helmfile-output/retryable-failures.ts";
import type { StepFailure } from "./outcome.ts";

/** A step is tried again. */
export interface Retry {
  /** Why that may help: one line for people. */
  readonly reason: string;
  /** When, in milliseconds from now. */
  readonly afterMs: number;
}

export interface RetryPolicy {
  /** How often a step is tried in all, at least 1. */
  readonly tries: number;
  /** A number from 0 up to 1, another one each time: steps that failed together are not tried again together. */
  readonly random: () => number;
}

/** The wait before the second try, in milliseconds; each one after it is twice as long. */
const firstWaitMs = 5_000;
const longestWaitMs = 120_000;

/**
 * Whether a step that failed for the `tried`th time is tried again, and when: only for what a second try can mend,
 * and not where the cluster shows that it cannot.
 */
export function retryOf(failure: StepFailure, tried: number, policy: RetryPolicy): Retry | undefined {
  if (tried >= policy.tries || failure.kind !== "exit" || failure.evidence !== undefined) return undefined;
  const reason = retryableReason(failure.lastLines);
  if (reason === undefined) return undefined;
  // Half of it by chance: the sum stays near what it would be, and no two steps wait alike.
  const wait = Math.min(firstWaitMs * 2 ** (tried - 1), longestWaitMs);
  return { reason, afterMs: Math.round(wait * (0.5 + policy.random())) };
}
