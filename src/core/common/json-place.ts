import type { Place } from "./diagnostic.ts";
import type { SourceText } from "./places.ts";

/** The keys and indexes that lead to a value of a JSON text. */
export type JsonPath = readonly (string | number)[];

/** Where things stand in a JSON text. Made only when there is a fault to show: parsing itself is `JSON.parse`'s. */
export interface JsonPlaces {
  /** Where the text stops being JSON, and what was expected there; `isEnd` where it would be JSON with more text. */
  readonly fault?: { readonly expected: string; readonly place: Place; readonly isEnd: boolean };
  /** The first key that its object has already: its path as people write it, and where it stands again. */
  readonly repeated?: { readonly path: string; readonly place: Place };
  /** The place of a value; of the nearest value around it where it is missing. */
  value(path: JsonPath): Place;
  /** The place of a key; of its value or what is around it where there is no such key. */
  key(path: JsonPath): Place;
}

/** As people write a path: `services[3].releases[0].name`. */
export function renderJsonPath(path: JsonPath): string {
  return path.reduce<string>(childPath, "");
}

function childPath(parent: string, part: string | number): string {
  if (typeof part === "number") return `${parent}[${part}]`;
  if (!/^[A-Za-z_][\w-]*$/.test(part)) return `${parent}[${JSON.stringify(part)}]`;
  return parent === "" ? part : `${parent}.${part}`;
}

/** Walks through a JSON text, sound or not, and remembers where every key and value stands. */
export function locateJson({ file, text }: SourceText): JsonPlaces {
  const { keys, values, fault, repeated } = walkJson(text);
  const place = placeMaker(file, text);
  const nearestValue = (path: JsonPath): Place => {
    for (let length = path.length; length > 0; length--) {
      const span = values.get(renderJsonPath(path.slice(0, length)));
      if (span) return place(span);
    }
    return place(values.get("") ?? { start: 0, end: 0 });
  };
  return {
    ...(fault && {
      fault: {
        expected: fault.expected,
        place: place({ start: fault.at, end: fault.at + 1 }),
        isEnd: fault.at >= text.trimEnd().length,
      },
    }),
    ...(repeated && { repeated: { path: repeated.path, place: place(repeated.span) } }),
    value: nearestValue,
    key: (path) => {
      const span = keys.get(renderJsonPath(path));
      return span ? place(span) : nearestValue(path);
    },
  };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function placeMaker(file: string, text: string): (span: Span) => Place {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return ({ start, end }) => {
    const offset = Math.min(start, text.length);
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    const from = starts[low] ?? 0;
    const line = text.slice(from, (starts[low + 1] ?? text.length + 1) - 1).replace(/\r$/, "");
    const length = Math.max(1, Math.min(end, from + line.length) - offset);
    return { file, line: low + 1, column: offset - from + 1, length, text: line };
  };
}

/** Far more than any file that is read here has; keeps the walk from exhausting the stack. */
const maxDepth = 100;

interface Walked {
  readonly keys: ReadonlyMap<string, Span>;
  readonly values: ReadonlyMap<string, Span>;
  readonly fault: { readonly expected: string; readonly at: number } | undefined;
  readonly repeated: { readonly path: string; readonly span: Span } | undefined;
}

function walkJson(text: string): Walked {
  const walk = new Walk(text);
  walk.wholeText();
  return walk;
}

/** One pass over a text. Each method reads one thing; false means that a fault was met, and where is in `fault`. */
class Walk {
  readonly keys = new Map<string, Span>();
  readonly values = new Map<string, Span>();
  fault: { readonly expected: string; readonly at: number } | undefined;
  repeated: { readonly path: string; readonly span: Span } | undefined;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  wholeText(): boolean {
    if (!this.#value("", 0)) return false;
    return this.#peek() === undefined || this.#expected("the end of the file");
  }

  #value(path: string, depth: number): boolean {
    const first = this.#peek();
    const start = this.#at;
    const sound =
      first === "{" || first === "["
        ? this.#members(path, first === "{" ? "}" : "]", depth)
        : first === '"'
          ? this.#string() !== undefined
          : this.#scalar();
    this.values.set(path, { start, end: this.#at });
    return sound;
  }

  #members(path: string, close: "}" | "]", depth: number): boolean {
    if (depth === maxDepth) return this.#expected(`at most ${maxDepth} levels of brackets`);
    this.#at++;
    if (this.#peek() === close) return this.#pass();
    for (let index = 0; ; index++) {
      const part = close === "]" ? index : this.#key(path);
      if (part === undefined || !this.#value(childPath(path, part), depth + 1)) return false;
      const next = this.#peek();
      if (next === close) return this.#pass();
      if (next !== ",") return this.#expected(`"," or "${close}"`);
      this.#at++;
    }
  }

  /** Reads a key and its colon. */
  #key(parent: string): string | undefined {
    if (this.#peek() !== '"') {
      this.#expected("a key in double quotes");
      return undefined;
    }
    const start = this.#at;
    const key = this.#string();
    if (key === undefined) return undefined;
    const path = childPath(parent, key);
    const span = { start, end: this.#at };
    if (this.keys.has(path)) this.repeated ??= { path, span };
    this.keys.set(path, span);
    if (this.#peek() === ":") this.#at++;
    else this.#expected('":"');
    return this.fault ? undefined : key;
  }

  #string(): string | undefined {
    const start = this.#at;
    this.#at = stringStop(this.#text, start);
    if (this.#text[this.#at] !== '"') {
      this.#expected(this.#at < this.#text.length ? "a character that a text may hold" : "the closing quote");
      return undefined;
    }
    this.#at++;
    const content: unknown = JSON.parse(this.#text.slice(start, this.#at));
    return String(content);
  }

  #scalar(): boolean {
    scalar.lastIndex = this.#at;
    if (scalar.test(this.#text)) {
      this.#at = scalar.lastIndex;
      return true;
    }
    if (beginOfScalar.test(this.#text.slice(this.#at, this.#at + 5)) && this.#text.length < this.#at + 5) {
      this.#at = this.#text.length;
    }
    return this.#expected("a value");
  }

  #peek(): string | undefined {
    while (" \t\r\n".includes(this.#text[this.#at] ?? "end")) this.#at++;
    return this.#text[this.#at];
  }

  #pass(): true {
    this.#at++;
    return true;
  }

  #expected(expected: string): false {
    this.fault = { expected, at: this.#at };
    return false;
  }
}

const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-])/y;
const beginOfScalar = /^(?:-|t|tr|tru|f|fa|fal|fals|n|nu|nul|-?\d+\.|-?\d+[eE][-+]?)$/;
const escaped = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** The offset of the closing quote, or of what no text may hold. Not one regular expression: texts may be huge. */
export function stringStop(text: string, start: number): number {
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code) || code < 0x20 || code === 0x22) return Math.min(at, text.length);
    if (code === 0x5c) {
      escaped.lastIndex = at;
      if (!escaped.test(text))
        return /^\\(?:u[0-9a-fA-F]{0,3})?$/.test(text.slice(at, at + 6)) ? text.length : at;
      at = escaped.lastIndex;
    } else {
      at++;
    }
  }
}
