import { resolve } from "node:path";
import { Command, CommanderError } from "commander";
import type { Manifest } from "../core/manifest.ts";
import { nearest } from "../core/nearest.ts";
import { parseRunName } from "../core/run-name.ts";
import {
  type CommandWords,
  type GivenFlag,
  isGiven,
  type KnownFlag,
  lastValue,
  readWords,
} from "./command-words.ts";
import { applyVerb } from "./rollout-verb.ts";
import { defaultRollbackLimitSeconds, exitCodes, Refusal, type Settings } from "./settings.ts";
import {
  addCheckFlags,
  addDeriveFlags,
  addExplainFlags,
  addPreflightFlags,
  addRolloutFlags,
  addRunbookFlags,
  addRunsFlags,
  helmfileRoot,
  type VerbNature,
} from "./verb-flags.ts";

const verbs: readonly { name: string; summary: string; example: string }[] = [
  {
    name: "diff",
    summary: "show what an apply would change (the default)",
    example: "diff -e codfw -s 'shellbox*'",
  },
  {
    name: "list",
    summary: "list every release with its class, and what decided it",
    example: "list -e eqiad -o json",
  },
  {
    name: "plan",
    summary: "show what would run, and in what order",
    example: "plan --mode restore -e codfw -o json",
  },
  {
    name: "apply",
    summary: "show the diffs, ask once, and deploy",
    example: "apply -e codfw --exclude 'kartotherian,tegola*'",
  },
  {
    name: "inventory",
    summary: "write what helmfile lists, for --inventory",
    example: "inventory -e eqiad > eqiad.json",
  },
  {
    name: "demo",
    summary: "a full restore on a simulated cluster",
    example: "demo --exclude cirrus-streaming-updater",
  },
];

const explainVerb = {
  name: "explain",
  summary: "explain one release or service: its class, its place in the plan, what it waits for and why",
  example: "explain thumbor -e codfw",
};

const runbookVerb = {
  name: "runbook",
  summary:
    "write the procedure of a rollout as Markdown, with the plain commands for a day without this tool",
  example: "runbook -e codfw > codfw.md",
};

const deriveVerb = {
  name: "derive",
  summary: "tell what releases need of one another, as their rendered charts show it",
  example: "derive -e codfw -o json",
};

const runsVerb = {
  name: "runs",
  summary: "list the runs that were made from here, and how they ended",
  example: "runs -e codfw",
};

/** Of a plugin that answers the hook `rollout:preflight`. */
const preflightVerb = {
  name: "preflight",
  summary: "tell whether releases may be deployed, what is missing, and what mends it; changes nothing",
  example: "preflight -e eqiad --release shop/main --release shop/canary -o json",
};

/** Of a plugin that answers the hook `tree:check`. */
const checkVerb = {
  name: "check",
  summary: "tell where the registry, the services, their charts and the deploying tool's list disagree",
  example: "check -o json",
};

const exitCodeHelp = `
Exit codes: 0 done; 1 something failed or was blocked; 2 usage or configuration;
            3 could not find out (helmfile or cluster out of reach); 130 interrupted.
In flags, _ and - are the same.`;

const preflightExitCodeHelp = `
Exit codes: 0 ready; 1 not ready; 2 usage or configuration;
            3 could not find out (cluster out of reach, or no right to look); 130 interrupted.
In flags, _ and - are the same.`;

const deriveExitCodeHelp = `
Exit codes: 0 done; 1 some charts or manifests could not be read; 2 usage or configuration;
            3 could not find out (nothing could be rendered); 130 interrupted.
In flags, _ and - are the same.`;

const checkExitCodeHelp = `
Exit codes: 0 clean, but for hints; 1 errors or warnings; 2 usage or configuration;
            3 could not find out (nothing could be read); 130 interrupted.
In flags, _ and - are the same.`;

/** Reads the command line. What is asked of the tool itself (help, version) is answered, and ends it. */
export function parseArguments(
  argv: readonly string[],
  context: { readonly manifest: Manifest | undefined; readonly version: string },
): Settings | "answered" {
  const program = defineProgram(context);
  const words = readWords(argv, knownFlags(program));
  const asked = askedOfTheTool(words);
  const verb = asked === "--version" ? undefined : verbOf(words.plain, program);
  const command = program.commands.find((candidate) => candidate.name() === (verb ?? "diff")) ?? program;
  if (asked === undefined) {
    refuseFlagsOfOthers(words.flags, command, program);
    if (command.name() === explainVerb.name && words.plain[1] === undefined)
      throw new Refusal("explain what? Name a release (NAMESPACE/NAME) or a service", exitCodes.usage);
  }
  try {
    const flags = words.flags.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`));
    const given = asked === undefined ? [command.name(), ...flags] : [...(verb ? [verb] : []), asked];
    program.parse(given, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return "answered";
    throw new Refusal(error.message.replace(/^error: /, ""), exitCodes.usage);
  }
  return toSettings(command, context.manifest, words.plain[1]);
}

/** Tells the words of a command line apart, and does not say whether they go together. */
export function wordsOf(
  argv: readonly string[],
  context: { readonly manifest: Manifest | undefined; readonly version: string },
): CommandWords {
  return readWords(argv, knownFlags(defineProgram(context)));
}

/** The run that the command line is to go on with, by its name or as the newest, read before the flags can be. */
export function resumeFlag(argv: readonly string[]): string | undefined {
  if (["--help", "-h", "--version", "-V"].some((flag) => isGiven(argv, flag))) return undefined;
  const value = lastValue(argv, "--resume");
  if (value?.trim() === "") {
    const remedy = "leave out the = for the newest run";
    throw new Refusal(`--resume= names no run\n  to do: ${remedy}`, exitCodes.usage);
  }
  // The word behind the flag may be the verb.
  if (value !== undefined && parseRunName(value) !== undefined) return value;
  return value !== undefined || isGiven(argv, "--resume") ? "newest" : undefined;
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
function verbOf([verb, ...others]: readonly string[], program: Command): string | undefined {
  if (verb === undefined) return undefined;
  const known = program.commands.map((command) => command.name());
  if (!known.includes(verb)) {
    const guess = nearest(verb, known);
    const hint = guess === undefined ? `the verbs are ${known.join(", ")}` : `did you mean ${guess}?`;
    throw new Refusal(`unknown verb "${verb}": ${hint}`, exitCodes.usage);
  }
  const mayFollow = verb === explainVerb.name ? 1 : 0;
  if (others.length > mayFollow) {
    const rule = mayFollow === 0 ? "only flags" : "one release or service, and flags";
    throw new Refusal(
      `"${others[mayFollow]}" is one word too many: behind the verb ${verb} stand ${rule}`,
      exitCodes.usage,
    );
  }
  return verb;
}

/** Every flag of every verb, by each of its spellings. */
function knownFlags(program: Command): Map<string, KnownFlag> {
  const known = new Map<string, KnownFlag>();
  const switches = [
    ["--help", "-h"],
    ["--version", "-V"],
  ] as const;
  for (const [name, short] of switches) {
    for (const spelling of [name, short]) known.set(spelling, { name, takesValue: false });
  }
  for (const { long, short, required, optional } of program.commands.flatMap((command) => command.options)) {
    const flag: KnownFlag = optional
      ? { name: long ?? "", takesValue: "optional", isValue: (word) => parseRunName(word) !== undefined }
      : { name: long ?? "", takesValue: required };
    for (const spelling of [long, short]) if (spelling != null) known.set(spelling, flag);
  }
  return known;
}

function refuseFlagsOfOthers(flags: readonly GivenFlag[], command: Command, program: Command): void {
  for (const { name, typed } of flags) {
    if (command.options.some(({ long }) => long === name)) continue;
    const owners = program.commands.filter(({ options }) => options.some(({ long }) => long === name));
    const whose = owners.map((owner) => owner.name()).join(", ");
    throw new Refusal(`${command.name()} has no flag ${typed}: it is one of ${whose}`, exitCodes.usage);
  }
}

function defineProgram({ manifest, version }: { manifest: Manifest | undefined; version: string }): Command {
  const program = new Command("charlie-mediawiki")
    .description(
      "Deploys Wikimedia's services with helmfile; a plugin says what comes first and what is left alone.",
    )
    .version(version)
    .helpCommand(false)
    .exitOverride()
    // The message is told once, by whoever catches the error.
    .configureOutput({ outputError: () => {} })
    .addHelpText("after", `\ncharlie-mediawiki VERB --help tells the flags of a verb.\n${exitCodeHelp}`);
  const asksPreflight = manifest?.hooks["rollout:preflight"] !== undefined;
  const nature = { needsWipedCluster: false, shownRollout: manifest?.verbs?.[0]?.name ?? applyVerb.name };
  const own = [
    ...verbs,
    explainVerb,
    runbookVerb,
    deriveVerb,
    runsVerb,
    ...(asksPreflight ? [preflightVerb] : []),
    ...(manifest?.hooks["tree:check"] ? [checkVerb] : []),
  ];
  for (const verb of own) {
    addVerb(program, verb, { ...nature, deploys: verb.name === applyVerb.name });
  }
  if (manifest) addFromPlugin(program, manifest);
  return program;
}

/** What a plugin adds must be new: charlie's own verbs and flags mean what they always meant. */
function addFromPlugin(program: Command, { name: plugin, verbs = [], flags = [] }: Manifest): void {
  const takenVerbs = new Set(program.commands.map((command) => command.name()));
  for (const { name, summary, needsWipedCluster = false } of verbs) {
    if (takenVerbs.has(name)) {
      throw new Refusal(
        `the plugin ${plugin} adds the verb ${name}, which is there already`,
        exitCodes.usage,
      );
    }
    takenVerbs.add(name);
    const example = `${name} -e codfw`;
    addVerb(program, { name, summary, example }, { deploys: true, needsWipedCluster });
  }
  const takenFlags = new Set(knownFlags(program).keys());
  for (const { name, summary } of flags) {
    const flag = `--${name}`;
    // With `no-` before it, a flag would be the contrary of another one.
    if (!/^(?!no-)[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
      throw new Refusal(`the plugin ${plugin} adds ${flag}, which is no name for a flag`, exitCodes.usage);
    }
    if (takenFlags.has(flag)) {
      throw new Refusal(`the plugin ${plugin} adds ${flag}, which is there already`, exitCodes.usage);
    }
    takenFlags.add(flag);
    // They are about rollouts, and these are none.
    const others = [preflightVerb.name, deriveVerb.name, checkVerb.name];
    const rollouts = program.commands.filter((command) => !others.includes(command.name()));
    for (const command of rollouts) command.option(flag, summary);
  }
}

function addVerb(
  program: Command,
  { name, summary, example }: { name: string; summary: string; example: string },
  nature: VerbNature & {
    /** The rollout that `explain` and `runbook` are about where none is named. */
    readonly shownRollout?: string;
  },
): void {
  const command = program
    .command(name)
    .summary(summary)
    .description(summary)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} });
  if (name === preflightVerb.name) addPreflightFlags(command);
  else if (name === runsVerb.name) addRunsFlags(command);
  else if (name === explainVerb.name) addExplainFlags(command);
  else if (name === runbookVerb.name) addRunbookFlags(command);
  else if (name === deriveVerb.name) addDeriveFlags(command);
  else if (name === checkVerb.name) addCheckFlags(command);
  else addRolloutFlags(command, nature);
  const { shownRollout = applyVerb.name } = nature;
  const showsRollout = name === explainVerb.name || name === runbookVerb.name;
  if (name === "plan" || showsRollout) {
    const rollout = showsRollout ? shownRollout : applyVerb.name;
    command.option("--mode <mode>", "apply, or the name of a rollout that the plugin adds", rollout);
  }
  if (name === "demo")
    command.option("--without", "show what happens on the same empty cluster without the plugin");
  command.addHelpText(
    "after",
    `\nExample:\n  charlie-mediawiki ${example}\n${exitCodeHelps[name] ?? exitCodeHelp}`,
  );
}

const exitCodeHelps: Readonly<Record<string, string>> = {
  [preflightVerb.name]: preflightExitCodeHelp,
  [deriveVerb.name]: deriveExitCodeHelp,
  [checkVerb.name]: checkExitCodeHelp,
};

function toSettings(command: Command, manifest: Manifest | undefined, subject: string | undefined): Settings {
  const options = command.opts<CommandOptions>();
  const { environment, inventory, registry, resumeAt, logDir, kubeconfig, notWiped, deployments, stateDir } =
    options;
  const { jobsPerNamespace } = options;
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
    mode: options.mode ?? "apply",
    dryRun: options.dryRun ?? false,
    yes: options.yes ?? false,
    jobs: options.jobs ?? 1,
    ...(jobsPerNamespace === undefined ? {} : { jobsPerNamespace }),
    ...(logDir === undefined ? {} : { logDir: resolve(logDir) }),
    ...(kubeconfig === undefined ? {} : { kubeconfig: resolve(kubeconfig) }),
    ...(notWiped === undefined ? {} : { notWiped }),
    failFast: options.failFast ?? false,
    ...(options.output === undefined ? {} : { output: options.output }),
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
    timeoutSeconds: options.timeout ?? 30,
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
  readonly output?: "text" | "json";
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
  readonly timeout?: number;
}

function resolveServicesDir(dir: string): string {
  return /^\.{1,2}(\/|$)/.test(dir) ? resolve(dir) : resolve(helmfileRoot, dir);
}

function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
