/**
 * Text from the cluster as one line that is safe on a terminal and in a log: without colours and control characters,
 * and cut off at a length that a person reads. Not Node's `stripVTControlCharacters`, which takes the words between a
 * colour and a bell with them (seen with Node 20).
 *
 * @default longest 500 characters
 */
export function plainLine(text: string, longest = 500): string {
  // Most words from a cluster are names, and there are thousands of them.
  if (text.length <= longest && plain.test(text)) return text.trimEnd();
  // Cut before it is searched, too: nobody says how long it is.
  const line = text
    .slice(0, longest * 4)
    .replace(escapes, "")
    .replace(unprintable, " ")
    .trimEnd();
  return line.length <= longest ? line : `${line.slice(0, longest - 1).replace(halfCharacter, "")}…`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours and titles begin with
export const escapes = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?/g;

/** Control characters, line ends of every kind, and what turns the direction of writing. */
export const unprintable = /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

const plain = /^[\x20-\x7e]*$/;

const halfCharacter = /[\ud800-\udbff]$/;
