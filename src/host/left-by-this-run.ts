import { setTimeout as sleep } from "node:timers/promises";
import { plainLine } from "../core/common/plain-line.ts";
import { findMarked } from "../io/left-processes.ts";
import type { Interruption } from "./interruption.ts";
import { countDownRollback } from "./rollback-countdown.ts";

/** What is ending anyway does so within this time, in milliseconds, and is not worth a word. */
const graceMs = 500;

/**
 * Waits, counting, until nothing that carries the mark of an interrupted run is left: what has made a session of its own,
 * as a hook may do, was not asked to stop with its helmfile. Whoever kills all else kills that too, and ends the waiting.
 */
export async function awaitMarked(
  mark: string,
  options: {
    readonly interruption: Interruption;
    readonly isTerminal: boolean;
    readonly say: (line: string) => void;
    readonly tell: (text: string) => void;
  },
): Promise<void> {
  const { interruption, tell } = options;
  const began = performance.now();
  let left = findMarked((one) => one === mark);
  let endCountdown: (() => void) | undefined;
  // No limit: it was killed.
  while (left.length > 0 && interruption.leftMs() !== undefined) {
    const waitedMs = performance.now() - began;
    if (!endCountdown && waitedMs >= graceMs) {
      const lines = left.map(({ pid, command }) => `process ${pid}: ${plainLine(command.join(" "), 200)}`);
      tell(["what this run has started still runs:", ...lines].join("\n  "));
      endCountdown = countDownRollback({
        ...options,
        running: () => left.map(({ pid }) => `process ${pid}`),
      });
    }
    // Each look reads what the system knows of every process.
    await sleep(Math.min(1_000, Math.max(100, waitedMs / 10)));
    left = findMarked((one) => one === mark);
  }
  endCountdown?.();
}
