import type { UnreadableService } from "../core/common/release.ts";
import { firstOf } from "../core/common/words.ts";
import type { Terminal } from "../io/terminal.ts";
import { type ExitCode, exitCodes } from "./settings.ts";

/** Says which services could not be read, and why. */
export function tellUnreadable(terminal: Terminal, unreadable: readonly UnreadableService[]): void {
  for (const { service, message } of unreadable) {
    terminal.tell(`warning: the service ${service} could not be read: ${message}`);
  }
}

/** The exit code of a command that did all that it could. Where services could not be read that was not all: it says so. */
export function endOfAll(terminal: Terminal, unreadable: readonly UnreadableService[]): ExitCode {
  if (unreadable.length === 0) return exitCodes.done;
  const names = unreadable.map(({ service }) => service);
  terminal.tell(`exit code ${exitCodes.failed}: ${firstOf(names, 8)} could not be read`);
  return exitCodes.failed;
}
