import {
  backslash,
  colon,
  dash,
  dollar,
  dot,
  isDigit,
  isLetter,
  isLineEnd,
  isQuote,
  lessThan,
  slash,
  space,
  tab,
  underscore,
} from "./manifest-yaml-mark.ts";

/**
 * The offset of the colon behind a key that begins at `from`; -1 where no key begins there, or one that needs a closer
 * look. Written out by characters: it is asked of nearly every line.
 */
export function colonOfKey(text: string, from: number): number {
  const first = text.charCodeAt(from);
  const end = isQuote(first) ? quoteEnd(text, from) : wordEnd(text, from);
  if (text.charCodeAt(end) !== colon) return -1;
  const next = text.charCodeAt(end + 1);
  return next === space || isLineEnd(next) ? end : -1;
}

function quoteEnd(text: string, from: number): number {
  const quote = text.charCodeAt(from);
  for (let at = from + 1; ; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    // What a backslash or a tab stands for depends on the quotes, and `<<` may be no key like others.
    if (isLineEnd(code) || code === backslash || code === tab || code === lessThan) return -1;
  }
}

/** A word that can be nothing but a text: a letter or one of `_./$` first, then digits and dashes too. */
function wordEnd(text: string, from: number): number {
  if (!beginsWord(text.charCodeAt(from))) return -1;
  let end = from + 1;
  while (isOfWord(text.charCodeAt(end))) end++;
  return end;
}

function beginsWord(code: number): boolean {
  return isLetter(code) || code === underscore || code === dot || code === slash || code === dollar;
}

function isOfWord(code: number): boolean {
  return beginsWord(code) || isDigit(code) || code === dash;
}
