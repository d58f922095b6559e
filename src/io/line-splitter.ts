import { StringDecoder } from "node:string_decoder";

/** The longest line that is kept whole, in characters; a longer one is handed on in pieces of this size. */
const longestLine = 16_384;

/** Cuts a stream of bytes into lines, in bounded memory even where no line ends. */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #take: (lines: readonly string[]) => void;
  #rest = "";

  /** @param take gets the lines that ended together, at least one */
  constructor(take: (lines: readonly string[]) => void) {
    this.#take = take;
  }

  write(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    let rest = lines.pop() ?? "";
    const whole = lines.some(needsCare) ? lines.flatMap(piecesOf) : lines;
    while (rest.length > longestLine) {
      whole.push(rest.slice(0, longestLine));
      rest = rest.slice(longestLine);
    }
    this.#rest = rest;
    if (whole.length > 0) this.#take(whole);
  }

  end(): void {
    const last = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (last !== "") this.#take(piecesOf(last));
  }
}

function needsCare(line: string): boolean {
  return line.length > longestLine || line.endsWith("\r");
}

function piecesOf(line: string): string[] {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  const pieces: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += longestLine) {
    pieces.push(text.slice(at, at + longestLine));
  }
  return pieces;
}
