import { counted } from "../core/common/words.ts";
import type { EventKind } from "../core/view/render-event.ts";

/** How many lines are held back at most while a question stands. */
const most = 2_000;

/** A line for people. */
export type Line = readonly [kind: EventKind, text: string];

/** Lines that wait until a question is answered. It may stand overnight: how a step ended is kept in any case. */
export class HeldLines {
  readonly #lines: Line[] = [];
  #dropped = 0;

  hold(line: Line): void {
    if (line[0] === "log" && this.#lines.length >= most) this.#dropped += 1;
    else this.#lines.push(line);
  }

  /** All of them, and how many are missing. */
  all(): readonly Line[] {
    if (this.#dropped === 0) return this.#lines;
    const more = counted(this.#dropped, "more line");
    return [...this.#lines, ["warn", `${more} came meanwhile: they are in the logs only`]];
  }
}
