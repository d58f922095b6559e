import type { JsonPath } from "./json-place.ts";
import { isSpace, type Span, spaceEnd, stringStop } from "./json-walk.ts";

/** Where the values are that paths lead to, in a text that is JSON. Keeps only the lists and objects on the way there. */
export class JsonMembers {
  readonly #text: string;
  /** Each by where its list or object begins. */
  readonly #members = new Map<number, Members>();
  readonly #ends = new Map<number, number>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Of the nearest value around it where it is missing. */
  value(path: JsonPath): Span {
    const { start } = this.#follow(path);
    return { start, end: this.#endOf(start) };
  }

  /** Undefined where there is no such key. */
  key(path: JsonPath): Span | undefined {
    const { key } = this.#follow(path);
    return key === undefined ? undefined : { start: key, end: stringEnd(this.#text, key) };
  }

  /** Where the value begins, and its key if it has one; of the nearest value around it where it is missing. */
  #follow(path: JsonPath): { readonly start: number; readonly key?: number } {
    let start = spaceEnd(this.#text, 0);
    let key: number | undefined;
    for (const part of path) {
      const next = this.#membersAt(start).get(part);
      if (next === undefined) return { start };
      key = typeof part === "string" ? next : undefined;
      start = key === undefined ? next : behindKey(this.#text, key);
    }
    return key === undefined ? { start } : { start, key };
  }

  #membersAt(start: number): Members {
    const known = this.#members.get(start);
    if (known) return known;
    const found = membersAt(this.#text, start);
    this.#members.set(start, found);
    return found;
  }

  /** Remembered: it may be the end of a huge text, and be asked for with each key that misses there. */
  #endOf(start: number): number {
    const end = this.#ends.get(start) ?? valueEnd(this.#text, start);
    this.#ends.set(start, end);
    return end;
  }
}

/** Where the keys of an object stand, or the values of a list. */
interface Members {
  get(part: string | number): number | undefined;
}

function membersAt(text: string, start: number): Members {
  if (text[start] === "[") {
    const values = memberStarts(text, start);
    return { get: (part) => (typeof part === "number" ? values[part] : undefined) };
  }
  const keys = text[start] === "{" ? memberStarts(text, start) : [];
  return new Map(keys.map((at) => [String(JSON.parse(text.slice(at, stringEnd(text, at)))), at]));
}

/** Where the keys of an object begin, or the values of a list, one after the other. */
function memberStarts(text: string, start: number): number[] {
  const starts: number[] = [];
  let at = spaceEnd(text, start + 1);
  while (at < text.length && !isClosing(text.charCodeAt(at))) {
    starts.push(at);
    at = valueEnd(text, text[start] === "{" ? behindKey(text, at) : at);
    at = spaceEnd(text, at);
    if (text[at] === ",") at = spaceEnd(text, at + 1);
  }
  return starts;
}

function behindKey(text: string, key: number): number {
  return spaceEnd(text, spaceEnd(text, stringEnd(text, key)) + 1);
}

/** Not by calling itself: it may be nested deeper than that goes. */
function valueEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const code = text.charCodeAt(at);
    if (code === quote) at = stringEnd(text, at);
    else if (isOpening(code) || isClosing(code)) {
      depth += isOpening(code) ? 1 : -1;
      at++;
    } else at = depth === 0 ? scalarEnd(text, at) : at + 1;
  } while (depth > 0 && at < text.length);
  return at;
}

function scalarEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && !endsScalar(text.charCodeAt(at))) at++;
  return at;
}

function stringEnd(text: string, start: number): number {
  return stringStop(text, start) + 1;
}

const quote = 0x22;
const comma = 0x2c;

function endsScalar(code: number): boolean {
  return code === comma || isClosing(code) || isSpace(code);
}

function isOpening(code: number): boolean {
  return code === 0x5b || code === 0x7b;
}

function isClosing(code: number): boolean {
  return code === 0x5d || code === 0x7d;
}
