import { setTimeout as sleep } from "node:timers/promises";
import { findLeftProcesses } from "../io/left-processes.ts";
import { leftAgainMs, leftGraceMs, refusalForLeft, waitingForLeft } from "../io/left-running.ts";
import { exitCodes, Refusal } from "./settings.ts";

/**
 * Waits until nothing that an earlier run of the environment started still deploys to it: it was killed, and its helmfiles
 * live on. Refuses where some is left when the time is up.
 */
export async function awaitEarlierRuns(options: {
  /** The state folder. */
  readonly folder: string;
  readonly environment: string;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
}): Promise<void> {
  const { folder, environment, waitMs, signal, tell } = options;
  const until = performance.now() + Math.max(waitMs, leftGraceMs);
  for (let told = false; ; ) {
    const left = await findLeftProcesses(folder, environment);
    if (left.length === 0) return;
    const leftMs = until - performance.now();
    if (leftMs <= 0) throw new Refusal(refusalForLeft(environment, left), exitCodes.usage);
    if (!told && leftMs > leftGraceMs) {
      tell(waitingForLeft(left));
      told = true;
    }
    await sleep(Math.min(leftAgainMs, leftMs), undefined, { signal }).catch(() => undefined);
    if (signal.aborted)
      throw new Refusal("interrupted while it waited for an earlier run", exitCodes.interrupted);
  }
}
