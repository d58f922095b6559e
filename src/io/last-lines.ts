import { terminalText } from "../core/view/terminal-text.ts";

/** How long a line may be here, in characters; some programs write a megabyte without a line end. */
const longest = 4_096;

/**
 * The last lines of an output, at least as many as wanted. They are kept in few strings of their own: each line by itself would
 * keep the whole piece of output in memory that it was cut from.
 */
export class LastLines {
  readonly #wanted: number;
  #parts: { readonly text: string; readonly count: number }[] = [];
  #count = 0;

  constructor(wanted: number) {
    this.#wanted = wanted;
  }

  push(lines: readonly string[]): void {
    const last = lines.slice(-this.#wanted);
    const isLong = last.some(({ length }) => length > longest);
    const text = (isLong ? last.map((line) => line.slice(0, longest)) : last).join("\n");
    this.#parts.push({ text, count: last.length });
    this.#count += last.length;
    for (
      let [first] = this.#parts;
      first && this.#count - first.count >= this.#wanted;
      [first] = this.#parts
    ) {
      this.#parts.shift();
      this.#count -= first.count;
    }
  }

  /** Without colours and other sequences for terminals. */
  lines(): string[] {
    const lines = this.#parts.flatMap(({ text }) => text.split("\n"));
    return lines.slice(-this.#wanted).map((line) => terminalText(line, { colors: false }));
  }
}
