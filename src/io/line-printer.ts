import { createConsola } from "consola";
import type { EventKind } from "../core/view/render-event.ts";
import { terminalText } from "../core/view/terminal-text.ts";
import { markOf, takesColors } from "./colors.ts";
import type { Line } from "./held-lines.ts";

/** Prints lines for people, each with its mark, in colours where the stream takes them. */
export function linePrinter(
  stream: NodeJS.WritableStream,
  write: (text: string) => void,
): (line: Line) => void {
  const printer = createConsola({
    level: 3,
    // Its guard against floods would swallow lines that are alike.
    throttle: 0,
    reporters: [
      {
        log: ({ type, args }) => {
          const shown = terminalText(args.join(" "), { colors: takesColors(stream) });
          write(`${isKind(type) ? markOf(type, stream) : ""}${shown}\n`);
        },
      },
    ],
  });
  return ([kind, text]) => printer[kind](text);
}

const kinds: ReadonlySet<string> = new Set<EventKind>(["info", "success", "warn", "error", "log"]);

function isKind(type: string): type is EventKind {
  return kinds.has(type);
}
