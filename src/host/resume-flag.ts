import { isGiven, lastValue } from "../core/common/command-flags.ts";
import { quoted } from "../core/common/words.ts";
import { parseRunName } from "../core/journal/run-name.ts";
import { asksTheTool } from "./arguments.ts";
import { readWords } from "./command-words.ts";
import { exitCodes, Refusal } from "./settings.ts";
import { knownFlags, listVerbs } from "./verbs.ts";

/**
 * The run that the command line is to go on with, by its name or as the newest, read before the flags can be. For a verb
 * that has no such flag there is none: that is told by whoever knows which verbs have it.
 */
export function resumeFlag(argv: readonly string[]): string | undefined {
  if (asksTheTool(argv)) return undefined;
  const given = lastValue(argv, "--resume");
  if (given === undefined && !isGiven(argv, "--resume")) return undefined;
  if (isForAnotherVerb(argv)) return undefined;
  if (given === undefined) return "newest";
  if (given.trim() === "") {
    const remedy = "leave out the = for the newest run";
    throw new Refusal(`--resume= names no run\n  to do: ${remedy}`, exitCodes.usage);
  }
  if (parseRunName(given) !== undefined) return given;
  // The word behind the flag may be the verb, whatever verbs there are.
  if (!argv.includes(`--resume=${given}`) && /^[a-z][a-z0-9-]*$/.test(given)) return "newest";
  const file = /([^/]+)\.ndjson$/.exec(given)?.[1] ?? "";
  const remedy =
    parseRunName(file) === undefined
      ? "the verb runs lists the runs; report reads a journal wherever it is"
      : `--resume ${file} goes on with it, with --state-dir where it is in another state folder`;
  throw new Refusal(
    `--resume takes the name of a run, and ${quoted(given)} is none\n  to do: ${remedy}`,
    exitCodes.usage,
  );
}

/** Whether the verb is one that goes on with nothing. Of a plugin's verb it is known only with the plugin. */
function isForAnotherVerb(argv: readonly string[]): boolean {
  const verbs = listVerbs(undefined);
  try {
    const { plain } = readWords(argv, knownFlags(verbs));
    const verb = verbs.find(({ name }) => name === plain[0]);
    return verb !== undefined && !verb.flags.some(({ long }) => long === "--resume");
  } catch (error) {
    // A flag that only a plugin knows, or one that is refused where all of them are known.
    if (error instanceof Refusal) return false;
    throw error;
  }
}
