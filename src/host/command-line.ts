import { fileURLToPath } from "node:url";
import type { Tree } from "../core/release.ts";
import type { Terminal } from "../io/terminal.ts";
import { parseArguments, pluginFlags, registryFlag } from "./arguments.ts";
import type { Interruption } from "./interruption.ts";
import { writeInventories } from "./inventory.ts";
import { list } from "./list.ts";
import { type FoundManifest, loadManifest, loadPlugin, type Plugin, wrapHooks } from "./plugin-loader.ts";
import { readTrees } from "./read-trees.ts";
import { applyVerb, findRollout } from "./rollout-verb.ts";
import { type ExitCode, exitCodes, Refusal, type Settings } from "./settings.ts";
import { showPlan } from "./show-plan.ts";

/** The version of the package; the build fills it in. */
const version = process.env.CHARLIE_MEDIAWIKI_VERSION ?? "0.0.0";

/** The plugin that is loaded unless the operator names another: the one that this package carries. */
const ownManifest = "../../plugin.json";

export interface CommandLineContext {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly interruption: Interruption;
}

/** Runs one command, and says how it ended. Never throws for what the user or the world did. */
export async function runCommandLine(
  argv: readonly string[],
  context: CommandLineContext,
): Promise<ExitCode> {
  try {
    const found = await findManifest(argv);
    const settings = parseArguments(argv, { manifest: found?.manifest, version });
    if (settings === "answered") return exitCodes.done;
    return await runVerb(settings, { ...context, found, registry: registryFlag(argv) });
  } catch (error) {
    if (error instanceof Refusal) {
      context.terminal.tell(error.message);
      return context.interruption.signal.aborted ? exitCodes.interrupted : error.exitCode;
    }
    const what = error instanceof Error ? error.message : String(error);
    context.terminal.tell(
      `a bug in charlie-mediawiki: ${what}\nplease report it with the command that you typed`,
    );
    if (context.env.CHARLIE_MEDIAWIKI_DEBUG && error instanceof Error)
      context.terminal.tell(error.stack ?? "");
    return exitCodes.failed;
  }
}

async function findManifest(argv: readonly string[]): Promise<FoundManifest | undefined> {
  const { path, none } = pluginFlags(argv);
  if (none && path !== undefined)
    throw new Refusal("--plugin and --no-plugin contradict each other", exitCodes.usage);
  if (none) return undefined;
  return loadManifest(path ?? fileURLToPath(new URL(ownManifest, import.meta.url)));
}

interface VerbContext extends CommandLineContext {
  readonly found: FoundManifest | undefined;
  readonly registry: string | undefined;
}

async function runVerb(settings: Settings, context: VerbContext): Promise<ExitCode> {
  const { env, interruption } = context;
  if (settings.verb === "demo") {
    const { demo } = await import("./demo.ts");
    const rollout = context.found?.manifest.verbs?.[0] ?? applyVerb;
    return demo({ ...context, plugin: await makePlugin(context), settings, rollout });
  }
  if (settings.verb === "inventory") {
    return writeInventories(settings, context);
  }
  const rollout = rolloutOf(settings, context.found);
  const plugin = await makePlugin(context);
  let exitCode: ExitCode = exitCodes.done;
  const onlyOne = rollout.oneEnvironment && settings.verb === rollout.name ? { onlyOne: rollout.name } : {};
  for await (const tree of readTrees(settings, { env, signal: interruption.signal, ...onlyOne })) {
    const code = await runOn(tree, { ...context, settings, plugin, rollout });
    exitCode = worst(exitCode, code);
    if (interruption.signal.aborted) return exitCodes.interrupted;
  }
  if (interruption.signal.aborted) return exitCodes.interrupted;
  return exitCode;
}

async function makePlugin({ found, registry }: VerbContext): Promise<Plugin> {
  if (found) return loadPlugin(found, registry);
  const { hooksWithoutPlugin } = await import("./without-plugin.ts");
  return wrapHooks({ name: "(none)", hooks: hooksWithoutPlugin, seconds: () => 60 });
}

/** The rollout that the verb is about; for `plan` the one that --mode names, for the others an apply. */
function rolloutOf({ verb, mode }: Settings, found: FoundManifest | undefined) {
  if (verb === "plan") return findRollout(mode, found?.manifest);
  return findRollout(verb === "list" || verb === "diff" ? "apply" : verb, found?.manifest);
}

async function runOn(
  tree: Tree,
  context: CommandLineContext & { settings: Settings; plugin: Plugin; rollout: ReturnType<typeof rolloutOf> },
): Promise<ExitCode> {
  switch (context.settings.verb) {
    case "list":
      return list(tree, context);
    case "plan":
      return showPlan(tree, context);
    case "diff":
      return (await import("./diff.ts")).diff(tree, context);
    default:
      return (await import("./deploy.ts")).deploy(tree, context);
  }
}

/** Of several environments the most serious exit code is the command's. */
function worst(left: ExitCode, right: ExitCode): ExitCode {
  return left > right ? left : right;
}
