import { renderCountdown, untilNextLine } from "../core/rollout/rollback-countdown.ts";
import type { Interruption } from "./interruption.ts";

/**
 * Says from an interruption on, which may have been, what is waited for, and how long yet, until nothing runs any more or all of it is killed.
 * The answer ends it.
 */
export function countDownRollback(options: {
  /** Names what runs. */
  readonly running: () => readonly string[];
  readonly interruption: Interruption;
  readonly isTerminal: boolean;
  readonly say: (line: string) => void;
}): () => void {
  const { running, interruption, say } = options;
  const { signal, leftMs } = interruption;
  let timer: NodeJS.Timeout | undefined;
  let isEnded = false;
  const count = () => {
    const left = leftMs();
    const ids = running();
    if (isEnded || left === undefined || left === 0 || ids.length === 0) return;
    say(renderCountdown(ids, left));
    timer = setTimeout(count, untilNextLine(left, options));
  };
  // Later: what somebody was asked about counts as running until the question is taken back.
  const begin = () => void setImmediate(count);
  if (signal.aborted) begin();
  else signal.addEventListener("abort", begin, { once: true });
  return () => {
    isEnded = true;
    clearTimeout(timer);
    signal.removeEventListener("abort", begin);
  };
}
