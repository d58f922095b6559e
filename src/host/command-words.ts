import { nearest } from "../core/common/nearest.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** A flag as the command line has it. */
export interface GivenFlag {
  /** Its long name, with dashes: `--services-dir`. */
  readonly name: string;
  /** As it was typed: `--services_dir`, `-s`. */
  readonly typed: string;
  /** Absent for a switch. */
  readonly value?: string;
}

/** A flag that there is. */
export interface KnownFlag {
  readonly name: string;
  /** `optional`: a word behind it is its value only where it can be one. */
  readonly takesValue: boolean | "optional";
  /** Of an optional value. */
  readonly isValue?: (word: string) => boolean;
}

/** The words of a command line, told apart. */
export interface CommandWords {
  /** Words that are neither a flag nor the value of one: the verb, and nothing else. */
  readonly plain: readonly string[];
  readonly flags: readonly GivenFlag[];
}

/**
 * Tells flags, their values and other words apart. `_` and `-` are the same in the name of a flag, and stay as they are
 * in its value. A value that is left out never swallows the flag behind it: `--exclude --yes` is refused.
 *
 * @param known by every spelling with dashes, `-s` and `--service`
 */
export function readWords(argv: readonly string[], known: ReadonlyMap<string, KnownFlag>): CommandWords {
  const plain: string[] = [];
  const flags: GivenFlag[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") {
      plain.push(...argv.slice(at + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      plain.push(word);
      continue;
    }
    const { typed, inline } = splitFlag(word);
    const flag = known.get(withDashes(typed));
    if (!flag) throw unknownFlag(word.startsWith("--") ? typed : word, [...known.keys()]);
    if (flag.takesValue === "optional") {
      const next = argv[at + 1];
      const value = inline ?? (next !== undefined && flag.isValue?.(next) === true ? next : undefined);
      if (inline === undefined && value !== undefined) at += 1;
      flags.push({ name: flag.name, typed, ...(value === undefined ? {} : { value }) });
      continue;
    }
    if (!flag.takesValue) {
      if (inline !== undefined) throw usage(`${typed} takes no value`);
      flags.push({ name: flag.name, typed });
      continue;
    }
    if (inline === undefined) at += 1;
    flags.push({ name: flag.name, typed, value: checkValue(typed, inline, argv[at]) });
  }
  return { plain, flags };
}

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
    word !== undefined && spellings.includes(withDashes(splitFlag(word).typed));
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

function unknownFlag(typed: string, known: readonly string[]): Refusal {
  const guess = nearest(
    withDashes(typed),
    known.filter((name) => name.startsWith("--")),
  );
  const hint = guess === undefined ? "--help lists the flags" : `did you mean ${guess}?`;
  return usage(`unknown flag "${typed}": ${hint}`);
}

/** `--jobs=4` and `-sthumbor`: the flag, and the value that hangs on it. */
function splitFlag(word: string): { readonly typed: string; readonly inline?: string } {
  if (!word.startsWith("--")) {
    return word.length > 2 ? { typed: word.slice(0, 2), inline: word.slice(2) } : { typed: word };
  }
  const end = word.indexOf("=");
  return end === -1 ? { typed: word } : { typed: word.slice(0, end), inline: word.slice(end + 1) };
}

function withDashes(flag: string): string {
  return flag.startsWith("--") ? flag.replaceAll("_", "-") : flag;
}

function checkValue(typed: string, inline: string | undefined, next: string | undefined): string {
  const value = inline ?? next;
  if (value === undefined) throw usage(`${typed} needs a value`);
  if (inline === undefined && looksLikeFlag(value)) {
    const example = typed.startsWith("--") ? `${typed}=${value}` : `${typed}${value}`;
    throw usage(
      `${typed} needs a value, and ${value} looks like a flag: write ${example} if it is the value`,
    );
  }
  if (value.trim() === "") throw usage(`${typed} needs a value, and this one is empty`);
  return value;
}

function looksLikeFlag(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}

function usage(message: string): Refusal {
  return new Refusal(message, exitCodes.usage);
}
