import { setMaxListeners } from "node:events";
import { plainLine } from "../core/plain-line.ts";
import { renderDuration } from "../core/report.ts";
import { killAllPrograms, runningCommands } from "../io/running-programs.ts";
import { defaultRollbackLimitSeconds, exitCodes } from "./settings.ts";

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
const endings = ["SIGINT", "SIGTERM", "SIGQUIT", "SIGXCPU", "SIGALRM", "SIGUSR2"] as const;

/**
 * The first signal asks everything to stop; the second, or the limit's end, kills what still runs, so that nothing stays
 * behind. The third ends this process, whatever it still waits for. SIGHUP counts only as the first.
 */
export function watchSignals(tell: (text: string) => void): Interruption {
  const controller = new AbortController();
  // Every step that runs listens: more than the ten that Node takes for a leak.
  setMaxListeners(0, controller.signal);
  let limitMs = defaultRollbackLimitSeconds * 1000;
  let endsAt: number | undefined;
  let isKilled = false;
  const kill = (when: string) => {
    if (isKilled) return;
    isKilled = true;
    endsAt = undefined;
    const commands = runningCommands().map((command) => plainLine(command, 200));
    tell([`killing what still runs${when}${commands.length > 0 ? ":" : ""}`, ...commands].join("\n  "));
    killAllPrograms();
  };
  const onSignal = () => {
    if (isKilled) process.exit(exitCodes.interrupted);
    if (controller.signal.aborted) {
      kill("");
      return;
    }
    endsAt = performance.now() + limitMs;
    setTimeout(() => kill(` after ${renderDuration(limitMs)}`), limitMs).unref();
    // Later: a question that stands on the terminal is taken back first.
    setImmediate(() =>
      tell("interrupted: no new steps; what runs has been asked to stop (once more to kill it)"),
    );
    controller.abort();
  };
  for (const name of endings) process.on(name, onSignal);
  // Whoever lost the connection did not ask for a kill: helm may be rolling back since Ctrl-C, or since the question that
  // stood on the terminal ended with it.
  process.on("SIGHUP", () => {
    if (!controller.signal.aborted) onSignal();
  });
  return {
    signal: controller.signal,
    interrupt: onSignal,
    setLimit: (ms) => {
      limitMs = ms;
    },
    leftMs: () => (endsAt === undefined ? undefined : Math.max(0, endsAt - performance.now())),
  };
}
