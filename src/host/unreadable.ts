import type { UnreadableService } from "../core/common/release.ts";
import type { Terminal } from "../io/terminal.ts";

/** Says which services could not be read, and why. */
export function tellUnreadable(terminal: Terminal, unreadable: readonly UnreadableService[]): void {
  for (const { service, message } of unreadable) {
    terminal.tell(`warning: the service ${service} could not be read: ${message}`);
  }
}
