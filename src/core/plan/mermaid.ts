/** Letters and digits of any language, and what no part of Mermaid reads as its own within quotes. */
const plain = /[^\p{L}\p{N} ,./:_-]/gu;

const longest = 80;

/** A text as a quoted label, whatever it holds: on one line, cut off where it is long. */
export function label(text: string): string {
  const line = text.replace(/[\s\p{C}\p{Zl}\p{Zp}]+/gu, " ").trim();
  const characters = [...line];
  const cut = characters.length <= longest ? line : `${characters.slice(0, longest - 1).join("")}…`;
  return `"${cut.replace(plain, (character) => `#${character.codePointAt(0)};`) || " "}"`;
}

/** The same within a comment, which ends with its line. */
export function comment(text: string): string {
  // A brace behind it would make it a directive.
  return `%% ${text.replace(/[\s\p{C}{}%]+/gu, " ").trim()}`;
}
