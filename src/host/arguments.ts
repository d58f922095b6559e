import { resolve } from "node:path";
import { Command, CommanderError } from "commander";
import { isGiven, lastValue } from "../core/common/command-flags.ts";
import { nearest } from "../core/common/nearest.ts";
import type { Manifest } from "../core/hooks/plugin-manifest.ts";
import { type CommandWords, type GivenFlag, readWords } from "./command-words.ts";
import { environmentHelp, exitCodeHelp, wordBehind } from "./own-verbs.ts";
import {
  defaultRollbackLimitSeconds,
  exitCodes,
  type OutputFormat,
  Refusal,
  type Settings,
} from "./settings.ts";
import { helmfileRoot } from "./verb-flags.ts";
import { knownFlags, listVerbs, type Verb } from "./verbs.ts";

/** Reads the command line. What is asked of the tool itself (help, version) is answered, and ends it. */
export function parseArguments(
  argv: readonly string[],
  { manifest, version }: { readonly manifest: Manifest | undefined; readonly version: string },
): Settings | "answered" {
  const verbs = listVerbs(manifest);
  const words = readWords(argv, knownFlags(verbs));
  const asked = askedOfTheTool(words);
  const verb = asked === "--version" ? undefined : verbOf(words.plain, verbs);
  const chosen = verb ?? "diff";
  if (asked === undefined) {
    refuseFlagsOfOthers(words.flags, chosen, verbs);
    const { required, is } = wordBehind(chosen) ?? {};
    if (required !== undefined && !words.plain[1])
      throw new Refusal(`${chosen} what? ${required}`, exitCodes.usage);
    if (words.plain[1] === "")
      throw new Refusal(`an empty word stands behind ${chosen}, where it would be ${is}`, exitCodes.usage);
  }
  const { program, command } = defineProgram(verbs, { chosen, version });
  try {
    const flags = words.flags.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`));
    const given = asked === undefined ? [chosen, ...flags] : [...(verb ? [verb] : []), asked];
    program.parse(given, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return "answered";
    throw new Refusal(error.message.replace(/^error: /, ""), exitCodes.usage);
  }
  return toSettings(command, manifest, words.plain[1]);
}

/** Tells the words of a command line apart, and does not say whether they go together. */
export function wordsOf(
  argv: readonly string[],
  { manifest }: { readonly manifest: Manifest | undefined },
): CommandWords {
  return readWords(argv, knownFlags(listVerbs(manifest)));
}

/** Whether it asks for something of the tool itself, which is answered, and nothing is run. */
export function asksTheTool(argv: readonly string[]): boolean {
  return ["--help", "-h", "--version", "-V"].some((flag) => isGiven(argv, flag));
}

/** Flags that decide which plugin is loaded, read before the others can be: it adds verbs and flags. */
export function pluginFlags(argv: readonly string[]): { readonly path?: string; readonly none: boolean } {
  const path = lastValue(argv, "--plugin");
  return { none: isGiven(argv, "--no-plugin"), ...(path === undefined ? {} : { path }) };
}

function askedOfTheTool({ flags }: CommandWords): "--version" | "--help" | undefined {
  const names = flags.map(({ name }) => name);
  return (["--version", "--help"] as const).find((name) => names.includes(name));
}

/** The verb may stand anywhere among the flags, or be left out. */
function verbOf([verb, ...others]: readonly string[], verbs: readonly Verb[]): string | undefined {
  if (verb === undefined) return undefined;
  const known = verbs.map(({ name }) => name);
  if (!known.includes(verb)) {
    const guess = nearest(verb, known);
    const hint = guess === undefined ? `the verbs are ${known.join(", ")}` : `did you mean ${guess}?`;
    throw new Refusal(`unknown verb "${verb}": ${hint}`, exitCodes.usage);
  }
  const word = wordBehind(verb);
  const mayFollow = word === undefined ? 0 : 1;
  if (others.length > mayFollow) {
    const rule = word === undefined ? "only flags" : `${word.is}, and flags`;
    throw new Refusal(
      `"${others[mayFollow]}" is one word too many: behind the verb ${verb} stand ${rule}`,
      exitCodes.usage,
    );
  }
  return verb;
}

function refuseFlagsOfOthers(flags: readonly GivenFlag[], chosen: string, verbs: readonly Verb[]): void {
  for (const { name, typed } of flags) {
    const owners = verbs.filter((verb) => verb.flags.some(({ long }) => long === name));
    if (owners.some((owner) => owner.name === chosen)) continue;
    const whose = owners.map((owner) => owner.name).join(", ");
    throw new Refusal(`${chosen} has no flag ${typed}: it is one of ${whose}`, exitCodes.usage);
  }
}

/** Of the verbs only the chosen one has its flags: the others are listed. */
function defineProgram(
  verbs: readonly Verb[],
  { chosen, version }: { readonly chosen: string; readonly version: string },
): { readonly program: Command; readonly command: Command } {
  const program = new Command("charlie-mediawiki")
    .description(
      "Deploys Wikimedia's services with helmfile; a plugin says what comes first and what is left alone.",
    )
    .version(version)
    .helpCommand(false)
    .configureHelp({ subcommandTerm: (command) => `${command.name()} [options]` })
    .exitOverride()
    // The message is told once, by whoever catches the error.
    .configureOutput({ outputError: () => {} })
    .addHelpText(
      "after",
      `\ncharlie-mediawiki VERB --help tells the flags of a verb.\n${exitCodeHelp}\n${environmentHelp}`,
    );
  let command = program;
  for (const verb of verbs) {
    const listed = program.command(verb.name).summary(verb.summary);
    if (verb.name !== chosen) continue;
    command = listed;
    command.description(verb.summary).allowExcessArguments(false);
    verb.addFlags(command);
    command.addHelpText(
      "after",
      `\nExample:\n  charlie-mediawiki ${verb.example}\n${verb.exitCodeHelp ?? exitCodeHelp}`,
    );
  }
  return { program, command };
}

function toSettings(command: Command, manifest: Manifest | undefined, subject: string | undefined): Settings {
  const options = command.opts<CommandOptions>();
  const { environment, inventory, registry, resumeAt, logDir, kubeconfig, notWiped, deployments, stateDir } =
    options;
  const { jobsPerNamespace, events } = options;
  if (events === "-" && options.output === "json") {
    throw new Refusal(
      "--events - and -o json would both write to standard output: name a file for the events",
      exitCodes.usage,
    );
  }
  if (registry !== undefined && !manifest) {
    throw new Refusal("--registry is for a plugin, and --no-plugin loads none", exitCodes.usage);
  }
  const flags = (manifest?.flags ?? []).filter(({ name }) => options[camelCase(name)] === true);
  return {
    verb: command.name(),
    ...(environment === undefined ? {} : { environment }),
    servicesDir: resolveServicesDir(options.servicesDir ?? "services"),
    namesServicesDir: command.getOptionValueSource("servicesDir") === "cli",
    ...(inventory === undefined ? {} : { inventory }),
    ...(registry === undefined ? {} : { registry }),
    selection: {
      service: options.service ?? [],
      exclude: options.exclude ?? [],
      priority: options.priority ?? [],
      ...(resumeAt === undefined ? {} : { resumeAt }),
    },
    flags: Object.fromEntries(flags.map(({ name }) => [name, true])),
    skipGates: options.skipGate ?? [],
    ...(subject === undefined ? {} : { subject }),
    rolloutName: options.mode ?? "apply",
    dryRun: options.dryRun ?? false,
    yes: options.yes ?? false,
    jobs: options.jobs ?? 1,
    ...(jobsPerNamespace === undefined ? {} : { jobsPerNamespace }),
    ...(logDir === undefined ? {} : { logDir: resolve(logDir) }),
    ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(kubeconfig) }),
    ...(notWiped === undefined ? {} : { notWiped }),
    failFast: options.failFast ?? false,
    verbose: options.verbose ?? false,
    ...(options.output === undefined ? {} : { output: options.output }),
    ...(events === undefined ? {} : { events: events === "-" ? events : resolve(events) }),
    ...(stateDir === undefined ? {} : { stateDir: resolve(stateDir) }),
    fixPending: options.fixPending ?? false,
    tries: options.tries ?? 1,
    waitSeconds: options.wait ?? 0,
    rollbackLimitSeconds: options.rollbackLimit ?? defaultRollbackLimitSeconds,
    ...(options.resume === undefined ? {} : { resume: options.resume === true ? "newest" : options.resume }),
    without: options.without ?? false,
    releases: (options.release ?? []).map((id) => {
      const [namespace = "", release = ""] = id.split("/");
      return { namespace, release };
    }),
    stdin: options.stdin ?? false,
    ...(deployments === undefined ? {} : { deployments }),
    ...(options.manifests === undefined ? {} : { manifests: options.manifests }),
    looksAtCluster: options.cluster ?? false,
    writes: options.write ?? false,
    timeoutSeconds: options.timeout ?? 30,
    namesTimeout: command.getOptionValueSource("timeout") === "cli",
  };
}

/** What commander read; a flag that the verb does not have is absent. */
interface CommandOptions {
  readonly [pluginFlag: string]: unknown;
  readonly environment?: string;
  readonly servicesDir?: string;
  readonly inventory?: string;
  readonly registry?: string;
  readonly service?: string[];
  readonly exclude?: string[];
  readonly priority?: string[];
  readonly resumeAt?: string;
  readonly skipGate?: string[];
  readonly mode?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly jobs?: number;
  readonly jobsPerNamespace?: number;
  readonly logDir?: string;
  readonly kubeconfig?: string;
  readonly notWiped?: string;
  readonly failFast?: boolean;
  readonly verbose?: boolean;
  readonly events?: string;
  readonly output?: OutputFormat;
  readonly stateDir?: string;
  readonly fixPending?: boolean;
  readonly tries?: number;
  readonly wait?: number;
  readonly rollbackLimit?: number;
  readonly resume?: string | true;
  readonly without?: boolean;
  readonly release?: string[];
  readonly stdin?: boolean;
  readonly deployments?: string;
  readonly manifests?: string;
  readonly cluster?: boolean;
  readonly write?: boolean;
  readonly timeout?: number;
}

function resolveServicesDir(dir: string): string {
  return /^\.{1,2}(\/|$)/.test(dir) ? resolve(dir) : resolve(helmfileRoot, dir);
}

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
