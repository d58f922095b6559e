import { NotPlain } from "../common/not-plain.ts";
import type { ManifestScalar } from "./manifest-tree.ts";
import {
  afterBlanks,
  colon,
  dash,
  dot,
  hash,
  isDigit,
  isLetter,
  isLineEnd,
  plus,
  space,
  tab,
} from "./manifest-yaml-mark.ts";

/** Whether a text without quotes begins here, and none that needs a closer look. */
export function plainStartsAt(text: string, at: number): boolean {
  const first = text.charCodeAt(at);
  if (isLetter(first) || isDigit(first)) return true;
  if (first !== dash) return !indicators.includes(text.charAt(at));
  const next = text.charCodeAt(at + 1);
  return next !== space && next !== tab && !isLineEnd(next);
}

const indicators = "?:,[]{}#&*!|>'\"%@`\t";

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
  const first = text.charCodeAt(0);
  if (isLetter(first)) return mayBeWord.has(first) ? wordOrText(text) : text;
  if (isDigit(first) || first === dash || first === dot || first === plus) return numberOrText(text);
  return text === "" || text === "~" ? null : text;
}

function wordOrText(text: string): ManifestScalar["value"] {
  const word = words.get(text);
  return word === undefined ? text : word;
}

function numberOrText(text: string): ManifestScalar["value"] {
  if (number.test(text) || hexadecimal.test(text)) return Number(text);
  if (octal.test(text)) return Number.parseInt(text.slice(2), 8);
  if (infinity.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return notANumber.test(text) ? Number.NaN : text;
}

const words: ReadonlyMap<string, boolean | null> = new Map([
  ...["null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
]);
const mayBeWord: ReadonlySet<number> = new Set([...words.keys()].map((word) => word.charCodeAt(0)));

const number = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const octal = /^0o[0-7]+$/;
const hexadecimal = /^0x[\da-fA-F]+$/;
const infinity = /^[-+]?\.(?:inf|Inf|INF)$/;
const notANumber = /^\.(?:nan|NaN|NAN)$/;
