import { setTimeout as sleep } from "node:timers/promises";
import { plainLine } from "../core/common/plain-line.ts";
import { findLeftProcesses, type LeftProcess } from "../io/left-processes.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** How often it is looked again, in milliseconds. */
const againMs = 200;

/** How long it is waited for what is ending anyway, in milliseconds: also where nobody wants to wait. */
const graceMs = 2_000;

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
  const until = performance.now() + Math.max(waitMs, graceMs);
  for (let told = false; ; ) {
    const left = await findLeftProcesses(folder, environment);
    if (left.length === 0) return;
    const leftMs = until - performance.now();
    if (leftMs <= 0) throw new Refusal(refusal(environment, left), exitCodes.usage);
    if (!told && leftMs > graceMs) {
      tell(`waiting for what is left of an earlier run:\n  ${describe(left).join("\n  ")}`);
      told = true;
    }
    await sleep(Math.min(againMs, leftMs), undefined, { signal }).catch(() => undefined);
    if (signal.aborted)
      throw new Refusal("interrupted while it waited for an earlier run", exitCodes.interrupted);
  }
}

function refusal(environment: string, left: readonly LeftProcess[]): string {
  const stop = left.map(({ group }) => `kill -INT -${group}`).join("; ");
  return [
    `an earlier run of ${environment} was killed, and what it started still runs:`,
    ...describe(left).map((line) => `  ${line}`),
    `  to do: wait for it by --wait SECONDS, or let it roll back: ${stop}`,
  ].join("\n");
}

function describe(left: readonly LeftProcess[]): string[] {
  return left.map(({ run, pid, command }) => `${run}: process ${pid}: ${plainLine(command.join(" "), 200)}`);
}
