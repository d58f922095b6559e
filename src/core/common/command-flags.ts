/** A value as the command line has it. */
export interface GivenValue {
  /** The flag as it was typed: `--services_dir`, `-s`. */
  readonly typed: string;
  readonly value: string;
}

/** All values that a flag was given by any of its spellings, read before it is known which flags there are. */
export function valuesOf(argv: readonly string[], ...spellings: readonly string[]): GivenValue[] {
  const end = argv.indexOf("--");
  const words = end === -1 ? argv : argv.slice(0, end);
  return words.flatMap((word, at) => {
    const { typed, inline } = splitFlag(word);
    if (!spellings.includes(withDashes(typed))) return [];
    const value = inline ?? words[at + 1];
    if (value === undefined || (inline === undefined && looksLikeFlag(value))) return [];
    return [{ typed, value }];
  });
}

/** The last of them. */
export function lastValue(argv: readonly string[], ...spellings: readonly string[]): string | undefined {
  return valuesOf(argv, ...spellings).at(-1)?.value;
}

/** The command line without these flags and their values. */
export function withoutFlag(argv: readonly string[], ...spellings: readonly string[]): string[] {
  const end = argv.indexOf("--");
  const isFlag = (word: string | undefined): boolean =>
    word !== undefined && spellings.includes(flagOf(word));
  return argv.filter((word, at) => {
    if (end !== -1 && at >= end) return true;
    const before = argv[at - 1];
    const isItsValue = isFlag(before) && splitFlag(before ?? "").inline === undefined;
    return !isFlag(word) && !isItsValue;
  });
}

/** Whether a switch was given, read before it is known which flags there are. */
export function isGiven(argv: readonly string[], name: string): boolean {
  return argv.some((word) => withDashes(word) === name);
}

/** `--jobs=4` and `-sthumbor`: the flag, and the value that hangs on it. */
export function splitFlag(word: string): { readonly typed: string; readonly inline?: string } {
  if (!word.startsWith("--")) {
    return word.length > 2 ? { typed: word.slice(0, 2), inline: word.slice(2) } : { typed: word };
  }
  const end = word.indexOf("=");
  return end === -1 ? { typed: word } : { typed: word.slice(0, end), inline: word.slice(end + 1) };
}

/** The flag in a word, with dashes and without the value that hangs on it. Of a word that is no flag it says nothing. */
export function flagOf(word: string): string {
  return withDashes(splitFlag(word).typed);
}

/** `_` and `-` are the same in the name of a flag. */
export function withDashes(flag: string): string {
  return flag.startsWith("--") ? flag.replaceAll("_", "-") : flag;
}

/** What is no value of a flag before it, unless `=` stands between them. */
export function looksLikeFlag(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}
