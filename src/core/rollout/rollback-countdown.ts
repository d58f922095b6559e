import { firstOf, renderSeconds } from "../common/words.ts";

/** One line that says what is waited for after an interruption, and how long yet. */
export function renderCountdown(ids: readonly string[], leftMs: number): string {
  return `rolling back: ${firstOf(ids, 10)}; killed in ${renderSeconds(leftMs)} (Ctrl-C: now)`;
}

/**
 * Milliseconds until the next such line: with so many left to wait, on a terminal each 10 seconds and in the last 10 each
 * one, elsewhere each minute and in the last one each 10 seconds. Lines come when a round time is left.
 */
export function untilNextLine(leftMs: number, { isTerminal }: { readonly isTerminal: boolean }): number {
  const [coarse, fine] = isTerminal ? [10_000, 1_000] : [60_000, 10_000];
  // A timer may be early by a fraction: the line that it was for is not to come twice.
  const whole = Math.round(leftMs / 100) * 100;
  const pause = whole > coarse ? coarse : fine;
  const next = Math.max(0, Math.ceil(whole / pause) - 1) * pause;
  return leftMs - next;
}
