import { setMaxListeners } from "node:events";
import { killAllPrograms, runningCommands } from "../io/running-programs.ts";
import { exitCodes } from "./settings.ts";

/** Ctrl-C and SIGTERM, as the verbs see them. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** As if Ctrl-C had been typed: prompts take the keyboard, and Ctrl-C with it. */
  readonly interrupt: () => void;
}

/** How long a rollback may take after the first signal, in milliseconds: longer than helm's longest timeout. */
const patience = 900_000;

/**
 * The first SIGINT, SIGTERM or SIGHUP asks everything to stop; the second, or the end of patience, kills what
 * still runs, so that nothing stays behind. The third ends this process, whatever it still waits for.
 */
export function watchSignals(tell: (text: string) => void): Interruption {
  const controller = new AbortController();
  // Every step that runs listens: more than the ten that Node takes for a leak.
  setMaxListeners(0, controller.signal);
  let isKilled = false;
  const kill = (why: string) => {
    isKilled = true;
    tell([`${why}; what it was deploying may be left pending:`, ...runningCommands()].join("\n  "));
    killAllPrograms();
  };
  const onSignal = () => {
    if (isKilled) process.exit(exitCodes.interrupted);
    if (controller.signal.aborted) {
      kill("killing what still runs");
      return;
    }
    tell("interrupted: no new steps; what runs has been asked to stop (once more to kill it)");
    controller.abort();
    setTimeout(() => kill(`killing what still runs after ${patience / 60_000} minutes`), patience).unref();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, onSignal);
  return { signal: controller.signal, interrupt: onSignal };
}
