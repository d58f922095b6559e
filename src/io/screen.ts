import { Writable } from "node:stream";
import { createLogUpdate } from "log-update";
import stringWidth from "string-width";
import type { ScreenStream } from "./terminal.ts";

/** Terminals that know it show nothing of what is written until all of it is there. */
const [beginUpdate, endUpdate] = ["\u001b[?2026h", "\u001b[?2026l"];

/** Where nothing is known of a terminal, it is taken to be as large as they once were. */
const [usualColumns, usualRows] = [80, 24];

/**
 * The last lines of a terminal, which are drawn anew again and again, and the lines that scroll away above them. The
 * cursor is never hidden: whatever ends the process, nobody has to bring it back.
 */
export class Screen {
  readonly #stream: ScreenStream;
  readonly #frame: ReturnType<typeof createLogUpdate>;
  /** What is to be written at once. */
  #pending = "";
  #shown: { readonly lines: readonly string[]; readonly columns: number } = { lines: [], columns: 0 };

  constructor(stream: ScreenStream) {
    this.#stream = stream;
    const collector = new Writable({
      decodeStrings: false,
      write: (chunk, _, done) => {
        this.#pending += chunk;
        done();
      },
    });
    const size = { columns: { get: () => this.columns }, rows: { get: () => this.rows } };
    this.#frame = createLogUpdate(Object.defineProperties(collector, size), { showCursor: true });
  }

  get columns(): number {
    return this.#stream.columns || usualColumns;
  }

  get rows(): number {
    return this.#stream.rows || usualRows;
  }

  /**
   * Writes lines that stay, and draws the frame below them, in one go. Where nothing is new, nothing is written.
   *
   * @param above whole lines, or nothing
   * @param frame lines that are no wider than the terminal; none takes the frame away
   */
  draw(above: string, frame: readonly string[]): void {
    this.#climbOverBrokenLines();
    if (above !== "" || frame.length === 0) this.#erase();
    this.#pending += above;
    if (frame.length > 0) this.#frame(frame.join("\n"));
    this.#shown = { lines: frame, columns: this.columns };
    this.#flush();
  }

  /** Somebody else has written since: the frame stays where it is, and the next one is drawn below. */
  leave(): void {
    this.#frame.done();
    this.#shown = { lines: [], columns: this.columns };
  }

  #erase(): void {
    if (this.#shown.lines.length > 0) this.#frame.clear();
  }

  /**
   * A terminal that got narrower has broken the frame's lines into more rows than were written, as most do; the frame's
   * own way up counts the lines.
   */
  #climbOverBrokenLines(): void {
    const { lines, columns } = this.#shown;
    if (this.columns >= columns) return;
    const broken = lines.reduce(
      (sum, line) => sum + Math.max(0, Math.ceil(stringWidth(line) / this.columns) - 1),
      0,
    );
    this.#pending += "\u001b[2K\u001b[1A".repeat(broken);
  }

  #flush(): void {
    const text = this.#pending;
    this.#pending = "";
    if (text !== "") this.#stream.write(`${beginUpdate}${text}${endUpdate}`);
  }
}
