import type { Diagnostic } from "./diagnostic.ts";
import { shown } from "./json-fault.ts";
import { locateJson } from "./json-place.ts";
import { isSpace, spaceEnd } from "./json-walk.ts";
import type { SourceText } from "./places.ts";

/**
 * Finds a key that its object has already. `JSON.parse` takes the last and says nothing, so that of two lists of what is left
 * out one would count for nothing.
 *
 * @param source a text that is JSON
 * @param value what `JSON.parse` made of it
 * @returns the first such key with its place; undefined where there is none
 */
export function repeatedKey(source: SourceText, value: unknown): Diagnostic | undefined {
  const { text } = source;
  const read = countRead(value);
  // Every inventory goes through here, at the start of a command: what takes longer is done only where the first tells nothing.
  if (countAtMost(text) === read || countWritten(text) === read) return undefined;
  const { repeated } = locateJson(source);
  return {
    severity: "error",
    code: "repeated-key",
    message: `${repeated?.path ?? "a key"} stands there twice, and only one would count`,
    ...(repeated && shown(repeated.place)),
    expected: "each key once",
  };
}

/** The keys of a text, and the texts in it that begin with a colon. */
function countAtMost(text: string): number {
  let count = 0;
  for (let found = text.indexOf(":"); found !== -1; found = text.indexOf(":", found + 1)) {
    let at = found - 1;
    while (isSpace(text.charCodeAt(at))) at--;
    if (text.charCodeAt(at) === quote && !isEscaped(text, at)) count++;
  }
  return count;
}

/** A text with a colon behind it is a key, and nothing else is. */
function countWritten(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; ) {
    let end = text.indexOf('"', at + 1);
    while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
    end = spaceEnd(text, end + 1);
    if (text.charCodeAt(end) === colon) count++;
    at = text.indexOf('"', end);
  }
  return count;
}

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;

/** Two backslashes are one that is meant. */
function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charCodeAt(before) === backslash) before--;
  return (at - before) % 2 === 0;
}

/** Not by calling itself: it may be nested deeper than that goes. */
function countRead(value: unknown): number {
  let count = 0;
  const left = [value];
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (typeof one !== "object" || one === null) continue;
    const inner: readonly unknown[] = Array.isArray(one) ? one : Object.values(one);
    if (inner !== one) count += inner.length;
    for (const part of inner) if (typeof part === "object") left.push(part);
  }
  return count;
}
