import { stringStop } from "../common/json-walk.ts";

/**
 * Whether some object of a JSON text has a key twice. `JSON.parse` takes the last and says nothing, so that of two lists of
 * what is left out one would count for nothing.
 *
 * @param value what `JSON.parse` made of the text
 */
export function repeatsKeys(text: string, value: unknown): boolean {
  return countWritten(text) > countRead(value);
}

const colon = /[ \t\r\n]*:/y;

/** A text with a colon behind it is a key, and nothing else is. */
function countWritten(text: string): number {
  let count = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', colon.lastIndex)) {
    const end = stringStop(text, at) + 1;
    colon.lastIndex = end;
    if (colon.test(text)) count++;
    else colon.lastIndex = end;
  }
  colon.lastIndex = 0;
  return count;
}

/** Not by calling itself: it may be nested deeper than that goes. */
function countRead(value: unknown): number {
  let count = 0;
  const left = [value];
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    if (typeof one !== "object" || one === null) continue;
    const inner: unknown[] = Object.values(one);
    if (!Array.isArray(one)) count += inner.length;
    for (const part of inner) if (typeof part === "object") left.push(part);
  }
  return count;
}
