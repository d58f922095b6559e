import type { ChildProcess } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { groupExists, signalGroup, wereKilled } from "./running-programs.ts";

/** Longer than helm's longest timeout. */
const defaultLimitMs = 900_000;

/** What does not end by SIGINT, as what a shell has put in the background, is sent SIGTERM so many milliseconds later. */
const termAfterMs = 10_000;

/**
 * Waits until nothing of the program's group is left, and kills what is left at the end of the limit: a helmfile that was
 * killed leaves its helm working, and nobody else would know of it. helm takes back what it does on either signal, once.
 */
export async function endLeftovers(
  child: Pick<ChildProcess, "pid">,
  {
    limitMs = defaultLimitMs,
    isAsked,
    tell,
  }: {
    /** How long it may go on, in milliseconds. @default 15 minutes */
    readonly limitMs?: number | undefined;
    /** Whether it was sent SIGINT already. */
    readonly isAsked: boolean;
    readonly tell: (line: string) => void;
  },
): Promise<void> {
  if (!groupExists(child)) return;
  if (!isAsked) {
    tell("(something that it started still runs, and has been asked to stop)");
    signalGroup(child, "SIGINT");
  }
  const began = performance.now();
  for (let isTermed = false; groupExists(child) && !wereKilled(); ) {
    const waitedMs = performance.now() - began;
    if (waitedMs >= limitMs) {
      tell("(something that it started did not end in time, and was killed)");
      signalGroup(child, "SIGKILL");
      return;
    }
    if (!isTermed && waitedMs >= termAfterMs) {
      isTermed = true;
      signalGroup(child, "SIGTERM");
    }
    await setTimeout(100);
  }
}
