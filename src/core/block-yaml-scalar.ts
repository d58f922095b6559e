import type { ManifestScalar } from "./manifest-tree.ts";

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
