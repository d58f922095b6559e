import { plainLine } from "../core/common/plain-line.ts";
import { renderDuration } from "../core/common/words.ts";
import { heardByMany } from "../io/heard-by-many.ts";
import { killAllPrograms, runningCommands } from "../io/running-programs.ts";
import { defaultRollbackLimitSeconds, type ExitCode, exitCodes } from "./settings.ts";

/** Ctrl-C and SIGTERM, as the verbs see them. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** As if Ctrl-C had been typed: prompts take the keyboard, and Ctrl-C with it. */
  readonly interrupt: () => void;
  /** Says how many milliseconds what runs may take to stop. @default 15 minutes: longer than helm's longest timeout */
  readonly setLimit: (ms: number) => void;
  /** Milliseconds until what still runs is killed; undefined where nothing was interrupted, or all of it was killed. */
  readonly leftMs: () => number | undefined;
}

/** Each of these would end this process at once, and leave behind what it has started. */
const endings = ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGXCPU", "SIGALRM", "SIGUSR2"] as const;

/**
 * Somebody typed it. Whoever sends another one may not know of the first: where a connection is lost, SIGHUP comes, then
 * SIGTERM of the session's manager, while helm rolls back.
 */
const typed: readonly string[] = ["SIGINT", "SIGQUIT"];

/** What comes sooner after the one before, in milliseconds, is the same once more: a wrapper hands on what reaches us too. */
const onceMs = 1_000;

/**
 * The first signal asks everything to stop; the second, or the limit's end, kills what still runs, so that nothing stays
 * behind. The third ends this process, whatever it still waits for. Only what was typed counts as the second or third.
 */
export function watchSignals({
  tell,
  end,
}: {
  readonly tell: (text: string) => void;
  /** Ends this process. */
  readonly end: (exitCode: ExitCode) => void;
}): Interruption {
  const controller = new AbortController();
  heardByMany(controller.signal);
  let limitMs = defaultRollbackLimitSeconds * 1000;
  let endsAt: number | undefined;
  let isKilled = false;
  let lastAt = 0;
  const kill = (when: string) => {
    if (isKilled) return;
    isKilled = true;
    lastAt = performance.now();
    endsAt = undefined;
    const commands = runningCommands().map((command) => plainLine(command, 200));
    tell([`killing what still runs${when}${commands.length > 0 ? ":" : ""}`, ...commands].join("\n  "));
    killAllPrograms();
  };
  const onSignal = (name: string) => {
    if (controller.signal.aborted) {
      if (performance.now() - lastAt < onceMs) return;
      // Nothing is left that a signal could cut off.
      if (isKilled) end(exitCodes.interrupted);
      if (!typed.includes(name)) return;
      kill("");
      return;
    }
    lastAt = performance.now();
    endsAt = lastAt + limitMs;
    setTimeout(() => kill(` after ${renderDuration(limitMs)}`), limitMs).unref();
    // Later: a question that stands on the terminal is taken back first.
    setImmediate(() =>
      tell("interrupted: no new steps; what runs has been asked to stop (Ctrl-C once more kills it)"),
    );
    controller.abort();
  };
  for (const name of endings) process.on(name, onSignal);
  // A file may not grow any more, which who writes it is told anyway. Node ignores it, until a library that asks or draws
  // has listened to all that may end this process.
  process.on("SIGXFSZ", () => {});
  return {
    signal: controller.signal,
    interrupt: () => onSignal("SIGINT"),
    setLimit: (ms) => {
      limitMs = ms;
    },
    leftMs: () => (endsAt === undefined ? undefined : Math.max(0, endsAt - performance.now())),
  };
}
