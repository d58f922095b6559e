import { StringDecoder } from "node:string_decoder";

/** The longest line that is kept whole, in characters; a longer one is handed on in pieces of this size. */
const longestLine = 16_384;

/** Cuts a stream of bytes into lines, in bounded memory even where no line ends. */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #take: (line: string) => void;
  #rest = "";

  constructor(take: (line: string) => void) {
    this.#take = take;
  }

  write(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#handOn(line);
    while (this.#rest.length > longestLine) {
      this.#take(this.#rest.slice(0, longestLine));
      this.#rest = this.#rest.slice(longestLine);
    }
  }

  end(): void {
    const last = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (last !== "") this.#handOn(last);
  }

  #handOn(line: string): void {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    for (let at = 0; at === 0 || at < text.length; at += longestLine)
      this.#take(text.slice(at, at + longestLine));
  }
}
