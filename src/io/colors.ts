import { styleText } from "node:util";
import type { EventKind } from "../core/view/render-event.ts";

type Color = Parameters<typeof styleText>[0];

/**
 * Colours a text where the stream takes colours: as `FORCE_COLOR` and `NO_COLOR` say, else where it is a terminal that has
 * them. Node goes by the same rules, and so do the questions.
 */
export function painted(text: string, color: Color, stream: NodeJS.WritableStream): string {
  return styleText(color, text, { stream });
}

/** Whether colours that somebody else put into a text may stay there. */
export function takesColors(stream: NodeJS.WritableStream): boolean {
  return painted("", "red", stream) !== "";
}

const marks: Readonly<Record<EventKind, readonly [mark: string, color: Color]>> = {
  info: ["i", "cyan"],
  success: ["✔", "green"],
  warn: ["!", "yellow"],
  error: ["✖", "red"],
  log: [" ", []],
};

/** What stands before a line. */
export function markOf(kind: EventKind, stream: NodeJS.WritableStream): string {
  const [mark, color] = marks[kind];
  return `${kind === "log" ? mark : painted(mark, color, stream)} `;
}
