const esc = "\u001b";
const bell = "\u0007";

/**
 * What moves the cursor, colours, or names a window. Not `stripVTControlCharacters`, which takes the words between a
 * colour and a bell with them (seen with Node 20).
 */
const sequences = new RegExp(
  `${esc}\\[[0-?]*[ -/]*[@-~]|${esc}\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)`,
  "g",
);

/** All that a terminal may obey, and what ends a line or turns its direction. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/** Text from outside as one line that is safe to print, of at most so many characters. */
export function plainLine(text: string, longest = 1_000): string {
  // Long text is cut before it is cleaned: what is thrown away need not be looked at.
  const line = text
    .slice(0, longest * 4)
    .replace(sequences, "")
    .replace(unprintable, " ")
    .trim();
  return line.length <= longest ? line : `${line.slice(0, longest - 1)}…`;
}
