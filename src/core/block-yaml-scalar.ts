import { afterBlanks, colon, hash, isLineEnd, space, tab } from "./block-yaml-mark.ts";
import type { ManifestScalar } from "./manifest-tree.ts";
import { NotPlain } from "./not-plain.ts";

/** Whether a text without quotes begins here, and none that needs a closer look. */
export function plainStartsAt(text: string, at: number): boolean {
  const first = text.charAt(at);
  if (first !== "-") return !indicators.has(first);
  const next = text.charCodeAt(at + 1);
  return next !== space && next !== tab && !isLineEnd(next);
}

const indicators: ReadonlySet<string> = new Set("?:,[]{}#&*!|>'\"%@`\t");

/**
 * Where a text without quotes ends: before a comment, or with its line.
 *
 * @throws NotPlain where it looks like a key
 */
export function plainEnd(text: string, from: number): number {
  let at = from;
  for (; ; at++) {
    const code = text.charCodeAt(at);
    if (code > colon) continue;
    if (isLineEnd(code) || (code === hash && text.charCodeAt(at - 1) === space)) break;
    if (code < space || (code === colon && endsKey(text.charCodeAt(at + 1)))) throw new NotPlain();
  }
  while (text.charCodeAt(at - 1) === space) at--;
  return at;
}

function endsKey(code: number): boolean {
  return code === space || isLineEnd(code);
}

/** Whether a comment stands behind a text that ends there. */
export function commentFollows(text: string, end: number): boolean {
  return text.charCodeAt(end) === space && text.charCodeAt(afterBlanks(text, end)) === hash;
}

/** What a text without quotes stands for, by the core schema of YAML 1.2. */
export function resolveScalar(text: string): ManifestScalar["value"] {
  if (!beginsWord.test(text)) return text;
  const word = words.get(text);
  if (word !== undefined) return word;
  if (number.test(text)) return Number(text);
  if (octal.test(text)) return Number.parseInt(text.slice(2), 8);
  if (hexadecimal.test(text)) return Number(text);
  if (special.test(text)) return text.endsWith("f") || text.endsWith("F") ? infinity(text) : Number.NaN;
  return text;
}

/** Nearly all texts begin with something else. */
const beginsWord = /^(?:$|[-+.~\dnNtTfF])/;

const words: ReadonlyMap<string, boolean | null> = new Map([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
]);

const number = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const octal = /^0o[0-7]+$/;
const hexadecimal = /^0x[\da-fA-F]+$/;
const special = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

function infinity(text: string): number {
  return text.startsWith("-") ? -Infinity : Infinity;
}
