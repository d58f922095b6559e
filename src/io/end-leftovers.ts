import type { ChildProcess } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { groupRuns, signalGroup, wereKilled } from "./running-programs.ts";

/** Longer than helm's longest timeout. */
const defaultLimitMs = 900_000;

/** What does not end by SIGINT, as what a shell has put in the background, is sent SIGTERM so many milliseconds later. */
const termAfterMs = 10_000;

/**
 * What is left of a program was `asked` to stop with it; is still `to-ask`; or is `let` come to its own end, because a helm
 * whose helmfile was killed would not take back what it does: the first word that it says to nobody is its end (SIGPIPE), and
 * it says one before.
 */
type LeftoverManner = "asked" | "to-ask" | "let";

/**
 * Waits until nothing of the program's group is left, and kills what is left at the end of the limit: a helmfile that was
 * killed leaves its helm working, and nobody else would know of it.
 */
export async function endLeftovers(
  child: Pick<ChildProcess, "pid">,
  {
    limitMs = defaultLimitMs,
    manner,
    tell,
  }: {
    /** How long it may take to stop, in milliseconds; what is let may take the default at least. @default 15 minutes */
    readonly limitMs?: number | undefined;
    readonly manner: LeftoverManner;
    readonly tell: (line: string) => void;
  },
): Promise<void> {
  if (!groupRuns(child)) return;
  if (manner === "let") tell("(something that it started still runs, and is waited for)");
  if (manner === "to-ask") {
    tell("(something that it started still runs, and has been asked to stop)");
    signalGroup(child, "SIGINT");
  }
  const endMs = manner === "let" ? Math.max(limitMs, defaultLimitMs) : limitMs;
  const began = performance.now();
  for (let isTermed = manner === "let"; groupRuns(child) && !wereKilled(); ) {
    const waitedMs = performance.now() - began;
    if (waitedMs >= endMs) {
      tell("(something that it started did not end in time, and was killed)");
      signalGroup(child, "SIGKILL");
      return;
    }
    if (!isTermed && waitedMs >= termAfterMs) {
      isTermed = true;
      signalGroup(child, "SIGTERM");
    }
    await setTimeout(Math.min(untilNextLook(waitedMs), endMs - waitedMs));
  }
}

/** Each look reads what the system knows of every process: what takes its time is not looked at ten times a second. */
function untilNextLook(waitedMs: number): number {
  return Math.min(1_000, Math.max(100, waitedMs / 10));
}
