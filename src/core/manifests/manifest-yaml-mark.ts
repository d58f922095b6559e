// Characters, which the fast reader takes by their codes: there are millions of them.

export const tab = 9;
export const space = 32;
export const doubleQuote = 34;
export const hash = 35;
export const dollar = 36;
const singleQuote = 39;
export const plus = 43;
export const dash = 45;
export const dot = 46;
export const slash = 47;
export const colon = 58;
export const lessThan = 60;
export const openBracket = 91;
export const backslash = 92;
export const underscore = 95;
export const openBrace = 123;
export const bar = 124;

/** Of ASCII. */
export function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

export function isQuote(code: number): boolean {
  return code === doubleQuote || code === singleQuote;
}

/** Also at the end of the text, where there is no character. */
export function isLineEnd(code: number): boolean {
  return code === 10 || Number.isNaN(code);
}

export function afterBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === space) at++;
  return at;
}

/** Whether an item of a list begins here. */
export function isDash(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== dash) return false;
  const next = text.charCodeAt(at + 1);
  return next === space || isLineEnd(next);
}

/** Whether nothing but a comment stands behind a value. */
export function restIsEmpty(text: string, from: number): boolean {
  const at = afterBlanks(text, from);
  const code = text.charCodeAt(at);
  return isLineEnd(code) || (code === hash && at > from);
}
