import { resolve } from "node:path";
import { withoutFlag } from "../core/common/command-flags.ts";
import { matchesAny } from "../core/common/glob.ts";
import { quoted } from "../core/common/words.ts";
import type { Manifest } from "../core/hooks/plugin-manifest.ts";
import type { JournalHeader } from "../core/journal/journal-line.ts";
import { wordsOf } from "./arguments.ts";
import type { CommandWords, GivenFlag } from "./command-words.ts";
import { exitCodes, Refusal } from "./settings.ts";

/**
 * What decides which releases are deployed, and from where. Not how it is done (`--jobs`, `--yes`, `--log-dir`), nor what
 * was decided in view of the cluster as it was then (`--skip-gate`, `--not-wiped`). The plugin's own flags come to these.
 */
const decisive = [
  ...["--services-dir", "--inventory", "--kubeconfig", "--plugin", "--no-plugin", "--registry"],
  ...["--service", "--exclude", "--priority", "--resume-at"],
];

/** Another plugin has another registry, and other flags. */
const ofPlugin = ["--plugin", "--no-plugin", "--registry"];

const files = ["--inventory", "--kubeconfig", "--plugin", "--registry"];

/** A command line that goes on with a run, as if it had been typed out. */
export interface TakenOver {
  readonly argv: readonly string[];
  /** What was taken over, and what is other than it was, in lines for people. */
  readonly told: readonly string[];
}

/**
 * Completes a command line by what the run was asked for: what decides what is deployed, and is not given now, is as it
 * was then. What is given now counts.
 */
export function takeOver(
  header: JournalHeader,
  argv: readonly string[],
  context: { readonly manifest: Manifest | undefined; readonly version: string },
): TakenOver {
  const { run, cwd } = header;
  const given = wordsOf(argv, context);
  const place = environmentWords(header, given);
  // What stands for a glob stands in its place: a flag has one value.
  const typed = place.length > 0 ? withoutFlag(argv, "--environment", "-e") : argv;
  if (cwd === undefined) {
    const begun = header.argv.map(quoted).join(" ");
    const told = `what ${run} was asked for is not taken over, as its journal does not say in which folder: ${begun}`;
    return { argv: withWords(typed, place), told: [told] };
  }
  const before = wordsOfRun(header, context);
  const verb = given.plain.length === 0 ? before.plain.slice(0, 1) : [];
  const taken = [...verb, ...place];
  const differing: string[] = [];
  const names = [...decisive, ...(context.manifest?.flags ?? []).map(({ name }) => `--${name}`)];
  const ofAnother = given.flags.some(({ name }) => name === "--plugin" || name === "--no-plugin");
  for (const name of names) {
    const now = spelledOut(given, name, process.cwd());
    const then = spelledOut(before, name, cwd);
    if (now.length === 0 && !(ofAnother && ofPlugin.includes(name))) taken.push(...then);
    else if (now.length > 0 && now.join("\n") !== then.join("\n")) {
      differing.push(
        `other than in ${run}: ${shown(now)} (there: ${then.length > 0 ? shown(then) : "nothing"})`,
      );
    }
  }
  const told = taken.length > 0 ? [`as in ${run}: ${shown(taken)}`, ...differing] : differing;
  return { argv: withWords(typed, taken), told };
}

/** Behind `--` there are no flags. */
function withWords(argv: readonly string[], more: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return end === -1 ? [...argv, ...more] : [...argv.slice(0, end), ...more, ...argv.slice(end)];
}

/** A run is of one environment, whatever glob it was begun with. */
function environmentWords({ run, environment }: JournalHeader, given: CommandWords): string[] {
  const wanted = given.flags.filter(({ name }) => name === "--environment").at(-1)?.value;
  if (wanted === environment) return [];
  if (wanted !== undefined && !matchesAny([wanted], environment))
    throw new Refusal(`${run} is a run of ${environment}, and this is about ${wanted}`, exitCodes.usage);
  return [`--environment=${environment}`];
}

function wordsOfRun(
  { run, argv }: JournalHeader,
  context: { readonly manifest: Manifest | undefined; readonly version: string },
): CommandWords {
  try {
    return wordsOf(argv, context);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const what = `what ${run} was asked for cannot be read: ${error.message}`;
    throw new Refusal(`${what}\n  to do: give the plugin that it was begun with`, exitCodes.usage);
  }
}

/** A flag as it was given, in one word each time: relative paths lead from another folder elsewhere. */
function spelledOut({ flags }: CommandWords, flag: string, cwd: string): string[] {
  return flags.filter(({ name }) => name === flag).map((one) => wordOf(one, cwd));
}

function wordOf({ name, value }: GivenFlag, cwd: string): string {
  if (value === undefined) return name;
  // Any other name is one below charlie's folder of helmfiles.
  const isPath = files.includes(name) || (name === "--services-dir" && /^\.{1,2}(\/|$)/.test(value));
  return `${name}=${isPath ? resolve(cwd, value) : value}`;
}

function shown(words: readonly string[]): string {
  return words
    .map((word) => {
      const end = word.indexOf("=");
      return end === -1 ? quoted(word) : `${word.slice(0, end)} ${quoted(word.slice(end + 1))}`;
    })
    .join(" ");
}
