import { join } from "node:path";
import type { OpenCluster } from "../core/cluster/cluster-reader.ts";
import type { Tree } from "../core/common/release.ts";
import type { EventStream } from "../io/event-stream.ts";
import { endAtOnce } from "../io/hung-reads.ts";
import { askForPlan } from "./ask-for-plan.ts";
import type { CommandLineContext } from "./command-line.ts";
import type { DeployContext } from "./deploy-context.ts";
import { writeInventories } from "./inventory.ts";
import { list } from "./list.ts";
import { type FoundManifest, loadPlugin, type Plugin, wrapHooks } from "./plugin-loader.ts";
import { readTrees } from "./read-trees.ts";
import { applyVerb, findRollout } from "./rollout-verb.ts";
import { type ExitCode, exitCodes, Refusal, type Settings } from "./settings.ts";
import { showPlan } from "./show-plan.ts";
import { untilInterrupted } from "./until-interrupted.ts";

interface VerbContext extends CommandLineContext {
  readonly found: FoundManifest | undefined;
  readonly argv: readonly string[];
  readonly goesOnWith?: string;
  /** Of a command that goes on with a run: the registry that was typed, and not taken over from it. */
  readonly givenRegistry?: string | undefined;
  /** Of the package. */
  readonly version: string;
}

/** Runs the verb that the command line names. */
export async function runVerb(settings: Settings, context: VerbContext): Promise<ExitCode> {
  const { env, interruption } = context;
  interruption.setLimit(settings.rollbackLimitSeconds * 1000);
  if (settings.verb === "demo") {
    const { demo } = await import("./deploying-verbs.ts");
    const verb = context.found?.manifest.verbs?.[0] ?? applyVerb;
    const pluginFor = (openCluster: OpenCluster) => makePlugin(settings, { ...context, openCluster });
    return withEvents(settings, context, (events) => demo({ ...context, pluginFor, settings, verb, events }));
  }
  if (settings.verb === "inventory") {
    return writeInventories(settings, context);
  }
  if (settings.verb === "derive") return (await import("./looking-verbs.ts")).derive(settings, context);
  if (settings.verb === "runs") return (await import("./looking-verbs.ts")).listRuns(settings, context);
  if (settings.verb === "report") return (await import("./looking-verbs.ts")).report(settings, context);
  if (settings.verb === "preflight") return runPreflight(settings, context);
  if (settings.verb === "hook") return runHook(settings, context);
  const openCluster = await makeOpenCluster(settings, context);
  const plugin = await makePlugin(settings, { ...context, openCluster });
  if (settings.verb === "check")
    return (await import("./looking-verbs.ts")).check(settings, { ...context, plugin });
  const verb = rolloutOf(settings, context.found);
  const deploys = settings.verb === verb.name;
  const isOfOne = (verb.oneEnvironment && deploys) || settings.verb === "runbook";
  const isOnePicture = settings.output === "mermaid";
  const onlyOne = isOfOne || isOnePicture ? { onlyOne: isOnePicture ? "a picture" : settings.verb } : {};
  const read = readTrees(settings, { env, signal: interruption.signal, ...onlyOne });
  if (settings.verb === "explain")
    return (await import("./looking-verbs.ts")).explain(read, { ...context, settings, plugin, verb });
  const runAll = (events?: EventStream) =>
    runOnTrees(read, { ...context, settings, plugin, verb, openCluster, events });
  return deploys && !settings.dryRun ? withEvents(settings, context, runAll) : runAll();
}

/** On each of the trees, one after the other. */
async function runOnTrees(read: AsyncIterable<Tree>, context: TreeContext): Promise<ExitCode> {
  const { settings, verb, interruption } = context;
  const checked = settings.verb === verb.name ? await checkAll(read, context) : undefined;
  if (checked && checked.length > 1) return deployAll(checked, context);
  let exitCode: ExitCode = exitCodes.done;
  for await (const tree of checked ?? read) {
    if (interruption.signal.aborted) break;
    exitCode = worst(exitCode, await runOnTree(tree, context));
  }
  if (interruption.signal.aborted) return exitCodes.interrupted;
  return exitCode;
}

/** To several environments; none is begun after one that did not go well. */
async function deployAll(trees: readonly Tree[], context: TreeContext): Promise<ExitCode> {
  const { settings, terminal, interruption } = context;
  if (interruption.signal.aborted) return exitCodes.interrupted;
  for (const [at, tree] of trees.entries()) {
    const { environment } = tree;
    const code = await runOnTree(tree, { ...context, settings: withLogsOf(tree, settings) }).catch(
      (error: unknown) => {
        if (!(error instanceof Refusal)) throw error;
        // What it says is about this environment alone: others may have been deployed to.
        terminal.tell(`${environment}: ${error.message}`);
        return error.exitCode;
      },
    );
    const isInterrupted = interruption.signal.aborted;
    if (code === exitCodes.done && !isInterrupted) continue;
    const left = trees.slice(at + 1).map((one) => one.environment);
    if (left.length > 0) terminal.tell(`not begun after that: ${left.join(", ")}`);
    return isInterrupted ? exitCodes.interrupted : code;
  }
  return exitCodes.done;
}

/** Has programs told what happens, where they are to be. */
async function withEvents(
  { events: target }: Settings,
  { terminal }: VerbContext,
  work: (events?: EventStream) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (target === undefined) return work();
  const { openEventStream } = await import("./deploying-verbs.ts");
  const events = openEventStream(target, terminal.tell);
  try {
    return await work(events);
  } finally {
    await events.close();
  }
}

async function runPreflight(settings: Settings, context: VerbContext): Promise<ExitCode> {
  return withinLimit(settings, context, async () => {
    const openCluster = await makeOpenCluster(settings, context);
    const plugin = await makePlugin(settings, { ...context, openCluster });
    const { preflight } = await import("./program-verbs.ts");
    const output = settings.output ?? (process.stdout.isTTY ? "text" : "json");
    return preflight({ ...context, plugin, settings: { ...settings, output } });
  });
}

async function runHook(settings: Settings, context: VerbContext): Promise<ExitCode> {
  const { chooseHook, answerHook } = await import("./program-verbs.ts");
  const chosen = chooseHook(settings, context.found?.manifest);
  const bounded = { ...settings, timeoutSeconds: chosen.seconds };
  return withinLimit(bounded, context, () =>
    answerHook(chosen.hook, {
      ...context,
      settings: bounded,
      makePlugin: async ({ looksAtCluster, seconds }) => {
        const openCluster = await makeOpenCluster({ ...bounded, looksAtCluster }, context);
        return makePlugin(settings, { ...context, openCluster, seconds });
      },
    }),
  );
}

/** Longer than its time limit the verb does not take, whatever hangs. */
async function withinLimit(
  { verb, timeoutSeconds }: Settings,
  { startedAt = 0, terminal }: VerbContext,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  const left = startedAt + timeoutSeconds * 1000 - performance.now();
  const watchdog = setTimeout(() => {
    terminal.tell(`${verb} did not end within ${timeoutSeconds} s: something that it waits for hangs`);
    endAtOnce({ interrupted: false });
  }, left + graceMs);
  watchdog.unref();
  try {
    return await work();
  } finally {
    clearTimeout(watchdog);
  }
}

/** How long such a verb may take to say that its time was up, in milliseconds. */
const graceMs = 2_000;

/** Steps of several environments have the same names: their logs must not run into one another. */
function withLogsOf({ environment }: Tree, settings: Settings): Settings {
  const { logDir } = settings;
  return logDir === undefined ? settings : { ...settings, logDir: join(logDir, environment) };
}

/** Of several environments none is begun while one of them has no plan: nothing is to be half done. */
async function checkAll(read: AsyncIterable<Tree>, context: TreeContext): Promise<readonly Tree[]> {
  const trees: Tree[] = [];
  for await (const tree of read) trees.push(tree);
  if (trees.length < 2) return trees;
  // Warnings are told when it is the tree's turn.
  const terminal = { ...context.terminal, tell: () => {} };
  for (const tree of trees) await askForPlan(tree, context.verb.mode, { ...context, terminal });
  return trees;
}

/** These look at a cluster only where they are told with what. What looks costs time to load. */
const verbsOnPaper: readonly string[] = ["list", "plan", "diff", "explain", "runbook", "check", "hook"];

async function makeOpenCluster(settings: Settings, context: VerbContext): Promise<OpenCluster> {
  const { env, interruption, startedAt = 0 } = context;
  const { verb, kubeconfig, timeoutSeconds, looksAtCluster } = settings;
  if (kubeconfig === undefined && !looksAtCluster && verbsOnPaper.includes(verb)) {
    return () => {
      throw new Error(`the verb ${verb} looks at no cluster`);
    };
  }
  if (kubeconfig !== undefined) await refuseNoKubeconfig(kubeconfig, interruption.signal);
  const { clusterAccess } = await import("../io/cluster-access.ts");
  return clusterAccess({
    env,
    signal: interruption.signal,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...deadlineOf(verb, startedAt + timeoutSeconds * 1000),
  }).open;
}

/** A file that the operator names is none of the clusters' doing: nothing is begun with one that is not there. */
async function refuseNoKubeconfig(file: string, signal: AbortSignal): Promise<void> {
  const { faultOfKubeconfigFile } = await import("../io/kubeconfig-file.ts");
  const reading = faultOfKubeconfigFile(file);
  const fault = await untilInterrupted(reading, { what: `the kubeconfig ${file}`, signal });
  if (fault !== undefined) throw new Refusal(`--kubeconfig: ${fault}`, exitCodes.usage);
}

/** When no answer of a cluster is waited for any more. The plugin of a hook must be left the time to say so. */
function deadlineOf(verb: string, end: number): { readonly deadline?: number } {
  if (verb === "preflight") return { deadline: end };
  return verb === "hook" ? { deadline: end - Math.min(1_000, (end - performance.now()) / 10) } : {};
}

async function makePlugin(
  { registry }: Settings,
  context: VerbContext & { readonly openCluster: OpenCluster; readonly seconds?: number },
): Promise<Plugin> {
  const { openCluster, seconds } = context;
  const { signal } = context.interruption;
  const { tell } = context.terminal;
  const options = {
    ...(seconds === undefined ? {} : { seconds }),
    ...(registry === context.givenRegistry ? {} : { registryOf: context.goesOnWith }),
  };
  if (context.found) return loadPlugin(context.found, { registry, signal, tell, openCluster, ...options });
  const { hooksWithoutPlugin } = await import("./without-plugin.ts");
  return wrapHooks({ name: "(none)", hooks: hooksWithoutPlugin, seconds: () => 60, signal });
}

/** The rollout that the verb is about; for those that show one it is what --mode names, for the others an apply. */
function rolloutOf({ verb, rolloutName }: Settings, found: FoundManifest | undefined) {
  if (["plan", "explain", "runbook"].includes(verb)) return findRollout(rolloutName, found?.manifest);
  return findRollout(verb === "list" || verb === "diff" ? "apply" : verb, found?.manifest);
}

interface TreeContext extends VerbContext, DeployContext {}

async function runOnTree(tree: Tree, context: TreeContext): Promise<ExitCode> {
  switch (context.settings.verb) {
    case "list":
      return list(tree, context);
    case "plan":
      return showPlan(tree, context);
    case "runbook":
      return (await import("./looking-verbs.ts")).runbook(tree, context);
    case "diff":
      return (await import("./deploying-verbs.ts")).diff(tree, context);
    default:
      return (await import("./deploying-verbs.ts")).deploy(tree, context);
  }
}

/** Of several environments the most serious exit code is the command's. */
function worst(left: ExitCode, right: ExitCode): ExitCode {
  return left > right ? left : right;
}
