import type { JsonPath } from "./json-place.ts";

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Far more than any file that is read here has; keeps the walk from exhausting the stack. */
const maxDepth = 100;

/** What a walk through a text meets. */
interface Walked {
  /** Where the text stops being JSON. */
  readonly fault: { readonly expected: string; readonly at: number } | undefined;
  /** The first key that its object has already, where it stands again. */
  readonly repeated: { readonly path: JsonPath; readonly span: Span } | undefined;
}

/** Walks through a JSON text, sound or not, to its end or to where it stops being JSON. */
export function walkJson(text: string): Walked {
  const walk = new Walk(text);
  walk.wholeText();
  return walk;
}

/** One pass over a text. Each method reads one thing; false means that a fault was met, and where is in `fault`. */
class Walk {
  fault: Walked["fault"];
  repeated: Walked["repeated"];
  /** What leads to the value that is read. */
  readonly #path: (string | number)[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  wholeText(): boolean {
    if (!this.#value()) return false;
    return this.#peek() === undefined || this.#expected("the end of the file");
  }

  #value(): boolean {
    const first = this.#peek();
    if (first === "{" || first === "[") return this.#members(first === "{" ? "}" : "]");
    return first === '"' ? this.#string() !== undefined : this.#scalar();
  }

  #members(close: "}" | "]"): boolean {
    if (this.#path.length === maxDepth) return this.#expected(`at most ${maxDepth} levels of brackets`);
    this.#at++;
    if (this.#peek() === close) return this.#pass();
    const keys = new Set<string>();
    for (let index = 0; ; index++) {
      const part = close === "]" ? index : this.#key(keys);
      if (part === undefined) return false;
      this.#path.push(part);
      if (!this.#value()) return false;
      this.#path.pop();
      const next = this.#peek();
      if (next === close) return this.#pass();
      if (next !== ",") return this.#expected(`"," or "${close}"`);
      this.#at++;
    }
  }

  /** Reads a key and its colon. Knows those that its object has already. */
  #key(keys: Set<string>): string | undefined {
    if (this.#peek() !== '"') {
      this.#expected("a key in double quotes");
      return undefined;
    }
    const start = this.#at;
    const key = this.#string();
    if (key === undefined) return undefined;
    if (keys.has(key)) this.repeated ??= { path: [...this.#path, key], span: { start, end: this.#at } };
    keys.add(key);
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
    this.#at = spaceEnd(this.#text, this.#at);
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

/** The offset of the first character that is no space. */
export function spaceEnd(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at++;
  return at;
}

export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

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
