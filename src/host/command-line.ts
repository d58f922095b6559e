import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { lastValue } from "../core/common/command-flags.ts";
import type { JournalHeader } from "../core/journal/journal-line.ts";
import type { Terminal } from "../io/terminal.ts";
import { asksTheTool, parseArguments, pluginFlags, wordsOf } from "./arguments.ts";
import { hostFault, messageOf } from "./error-message.ts";
import { refuseTwoValues } from "./given-once.ts";
import type { Interruption } from "./interruption.ts";
import type { FoundManifest } from "./plugin-loader.ts";
import { resumeFlag } from "./resume-flag.ts";
import { type ExitCode, exitCodes, Refusal } from "./settings.ts";
import { untilInterrupted } from "./until-interrupted.ts";

/** The version of the package; the build fills it in. */
const version = process.env.CHARLIE_MEDIAWIKI_VERSION ?? "0.0.0";

/** The plugin that is loaded unless the operator names another: the one that this package carries. */
const ownManifest = "../../plugin.json";

export interface CommandLineContext {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly interruption: Interruption;
  /** When the command began, by `performance.now()`. @default 0: with the process */
  readonly startedAt?: number;
}

/** Runs one command, and says how it ended. Never throws for what the user or the world did. */
export async function runCommandLine(
  argv: readonly string[],
  context: CommandLineContext,
): Promise<ExitCode> {
  try {
    const { signal } = context.interruption;
    if (!asksTheTool(argv)) refuseTwoValues(argv);
    const asked = await untilInterrupted(runAskedFor(argv, context), {
      what: "the run to go on with",
      signal,
    });
    const found = await untilInterrupted(findManifest(argv, asked), {
      what: "the plugin's manifest",
      signal,
    });
    const known = { manifest: found?.manifest, version };
    const taken = asked && (await import("./start-verb.ts")).takeOver(asked, argv, known);
    const words = taken?.argv ?? argv;
    if (!asked && resumeFlag(argv) !== undefined && wordsOf(argv, known).plain.length === 0) {
      context.terminal.tell(`nothing to go on with: ${noRun(argv)}`);
      return exitCodes.done;
    }
    const settings = parseArguments(words, known);
    if (settings === "answered") return exitCodes.done;
    for (const line of taken?.told ?? []) context.terminal.tell(line);
    const goesOnWith = asked && { goesOnWith: asked.run, givenRegistry: lastValue(argv, "--registry") };
    const { runVerb } = await import("./start-verb.ts");
    return await runVerb(settings, { ...context, ...goesOnWith, found, argv: words, version });
  } catch (error) {
    if (error instanceof Refusal) {
      context.terminal.tell(error.message);
      return context.interruption.signal.aborted ? exitCodes.interrupted : error.exitCode;
    }
    context.terminal.tell(
      hostFault(error) ??
        `a bug in charlie-mediawiki: ${messageOf(error)}\nplease report it with the command that you typed`,
    );
    if (context.env.CHARLIE_MEDIAWIKI_DEBUG && error instanceof Error)
      context.terminal.tell(error.stack ?? "");
    return exitCodes.failed;
  }
}

function noRun(argv: readonly string[]): string {
  const environment = lastValue(argv, "--environment", "-e");
  const which = environment === undefined ? "" : ` of ${environment}`;
  return `no run${which} is written down here that has something left to do`;
}

async function runAskedFor(
  argv: readonly string[],
  { env }: CommandLineContext,
): Promise<JournalHeader | undefined> {
  const named = resumeFlag(argv);
  if (named === undefined) return undefined;
  // It brings what reads journals, which most commands do without.
  const { findRunAskedFor } = await import("./run-asked-for.ts");
  return findRunAskedFor(named, argv, env);
}

async function findManifest(
  argv: readonly string[],
  asked: JournalHeader | undefined,
): Promise<FoundManifest | undefined> {
  const { path, none, begunWith } = pluginNamed(argv, asked);
  if (none && path !== undefined)
    throw new Refusal("--plugin and --no-plugin contradict each other", exitCodes.usage);
  if (none) return undefined;
  const own = fileURLToPath(new URL(ownManifest, import.meta.url));
  if (path === undefined && asksTheTool(argv)) return readOwnManifest(own);
  const { loadManifest } = await import("./start-verb.ts");
  return loadManifest(path ?? own, begunWith);
}

/**
 * To say what verbs and flags there are, this package's own manifest is taken as it is: what checks it takes longer to load
 * than all else that help needs, and a test has checked it.
 */
async function readOwnManifest(file: string): Promise<FoundManifest> {
  return { manifest: JSON.parse(await readFile(file, "utf8")), folder: dirname(file) };
}

/** As the command line says, else as the run that it goes on with was begun: then that is `begunWith`. */
function pluginNamed(
  argv: readonly string[],
  asked: JournalHeader | undefined,
): { readonly none: boolean; readonly path?: string; readonly begunWith?: string } {
  const given = pluginFlags(argv);
  if (given.none || given.path !== undefined || asked?.cwd === undefined) return given;
  const { none, path } = pluginFlags(asked.argv);
  return { none, ...(path === undefined ? {} : { path: resolve(asked.cwd, path), begunWith: asked.run }) };
}
