import { looksLikeFlag, splitFlag, withDashes } from "../core/common/command-flags.ts";
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

function unknownFlag(typed: string, known: readonly string[]): Refusal {
  const guess = nearest(
    withDashes(typed),
    known.filter((name) => name.startsWith("--")),
  );
  const hint = guess === undefined ? "--help lists the flags" : `did you mean ${guess}?`;
  return usage(`unknown flag "${typed}": ${hint}`);
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

function usage(message: string): Refusal {
  return new Refusal(message, exitCodes.usage);
}
