import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OpenCluster } from "../core/cluster/cluster-reader.ts";
import type { Tree } from "../core/common/release.ts";
import { renderDuration } from "../core/common/words.ts";
import { journalEvent } from "../core/journal/journal-event.ts";
import { runName } from "../core/journal/run-name.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { Durations } from "../core/rollout/durations.ts";
import type { RolloutEvent, RolloutResult } from "../core/rollout/events.ts";
import { renderSummary } from "../core/view/render-summary.ts";
import type { EventStream } from "../io/event-stream.ts";
import { execute } from "../io/execute.ts";
import { journalLines } from "../io/journal-writer.ts";
import { simulatedBackend } from "../simulation/backend.ts";
import { type Clock, scaledClock, virtualClock } from "../simulation/clock.ts";
import { renderScenarioWithout } from "../simulation/render-without.ts";
import { renderClusterSummary, summarizeCluster } from "../simulation/report.ts";
import { scenarioWithout } from "../simulation/scenario-without.ts";
import { askForPlan } from "./ask-for-plan.ts";
import { chosenServices } from "./chosen-services.ts";
import type { CommandLineContext } from "./command-line.ts";
import { openSink } from "./open-sink.ts";
import { pluginDecisions } from "./plugin-decisions.ts";
import type { Plugin } from "./plugin-loader.ts";
import { readTrees } from "./read-trees.ts";
import type { RolloutVerb } from "./rollout-verb.ts";
import { type ExitCode, exitCodes, Refusal, type Settings } from "./settings.ts";

/** How long the demo is watched, in milliseconds. */
const watchedMs = 10_000;

interface DemoContext extends CommandLineContext {
  /** The plugin, looking at this cluster. */
  readonly pluginFor: (openCluster: OpenCluster) => Promise<Plugin>;
  readonly settings: Settings;
  /** The rollout that is shown: the first that the plugin adds, else charlie's own. */
  readonly verb: RolloutVerb;
  readonly argv: readonly string[];
  readonly events?: EventStream | undefined;
  /** Of this package. */
  readonly version: string;
}

/** The verb `demo`: a rollout on the simulated cluster. It touches nothing. */
export async function demo(context: DemoContext): Promise<ExitCode> {
  const { settings, terminal, env, interruption } = context;
  const inventory = settings.inventory ?? (await packagedInventory(settings.environment ?? "eqiad"));
  const reading = { env, signal: interruption.signal };
  for await (const tree of readTrees({ ...settings, inventory }, reading)) {
    if (!settings.without) return show(tree, context);
    const chosen = new Set(chosenServices(tree, settings, terminal).services);
    const exclude = tree.services.filter((service) => !chosen.has(service)).map(({ name }) => name);
    terminal.answer(renderScenarioWithout(await scenarioWithout({ tree, exclude })).join("\n"));
  }
  return exitCodes.failed;
}

/** The inventories of real clusters that the package carries, one file for each environment. */
const inventories = fileURLToPath(new URL("../../fixtures/inventories/", import.meta.url));

async function packagedInventory(environment: string): Promise<string> {
  const files = await readdir(inventories);
  const known = files.flatMap((file) => /^services-(.+)\.json$/.exec(file)?.[1] ?? []).sort();
  if (known.includes(environment)) return join(inventories, `services-${environment}.json`);
  throw new Refusal(
    `unknown environment "${environment}": the package carries ${known.join(", ")}; for another one give --inventory`,
    exitCodes.usage,
  );
}

async function show(tree: Tree, context: DemoContext): Promise<ExitCode> {
  const { verb, terminal, interruption, settings } = context;
  const plugin = await context.pluginFor(() => simulatedBackend({ tree, clock: virtualClock() }).reader);
  const plan = await askForPlan(tree, verb.mode, { ...context, plugin });
  const unreadable = plan.unreadable.map(({ service }) => service);
  if (verb.refusesUnreadable && unreadable.length > 0) {
    const left = `${unreadable.join(",")}`;
    throw new Refusal(`${left} cannot be read: leave it out by --exclude ${left}`, exitCodes.usage);
  }
  const leftOut = tree.unreadable.map(
    ({ service, message }) => `${service} cannot be read, and is left out: ${message}`,
  );
  for (const line of leftOut) terminal.tell(line);
  // Once in virtual time, which takes a moment: then it is known how fast to show it.
  const { result: rehearsal } = await run(plan, { tree, context, clock: virtualClock() });
  const factor = Math.max(1, rehearsal.durationMs / watchedMs);
  terminal.tell(
    `a simulated cluster: ${renderDuration(rehearsal.durationMs)} of its time shown in ${watchedMs / 1000} s`,
  );
  const sink = await openSink(plan.environment, { terminal, settings, printsOutput: false });
  const forecast = { durations: rehearsed(rehearsal), runs: 1, schedule: { jobs: settings.jobs } };
  const clock = scaledClock(factor);
  // Its lines on the time left would come too often here.
  sink.begin({ plan, settled: new Map(), ...(terminal.view && { forecast }) }, () => clock.now());
  const tellPrograms = programsTold(plan, clock, context);
  const on = (event: RolloutEvent) => {
    tellPrograms(event);
    sink.on(event);
  };
  const { result, backend } = await run(plan, { tree, context, clock, on });
  const answer = settings.events === "-" ? terminal.tell : terminal.answer;
  answer(
    [
      "",
      renderSummary(plan, result),
      ...leftOut,
      "",
      ...renderClusterSummary(summarizeCluster(backend)),
      ...(interruption.signal.aborted ? ["", "nobody can go on with a demo: begin it again"] : []),
    ].join("\n"),
  );
  if (interruption.signal.aborted) return exitCodes.interrupted;
  const outcomes = [...result.outcomes.values(), ...result.commands.values()];
  return outcomes.every(({ kind }) => kind === "succeeded") ? exitCodes.done : exitCodes.failed;
}

/** Tells programs what a journal would hold; a demo has none. Times are those of the simulated cluster. */
function programsTold(
  plan: Plan,
  clock: Clock,
  { events, argv, env, version }: DemoContext,
): (event: RolloutEvent) => void {
  if (!events) return () => {};
  const begun = Date.now() - clock.now();
  const time = () => new Date(begun + clock.now()).toISOString();
  const run = runName(plan.environment, time(), process.pid);
  const tools = { "charlie-mediawiki": version, node: process.version };
  const { first, lineOf } = journalLines({
    ...{ run, plan, argv, env, tools, simulated: true },
    clock: { time, elapsed: () => clock.now() },
  });
  for (const line of first) events.write(line);
  return (event) => {
    const kept = journalEvent(event);
    if (kept) events.write(lineOf(kept));
  };
}

/** What the steps took, where all goes as it did. */
function rehearsed({ outcomes }: RolloutResult): Durations {
  return new Map(
    [...outcomes].flatMap(([id, outcome]) =>
      outcome.kind === "succeeded" ? [[id, { ms: outcome.durationMs, from: "step" as const }] as const] : [],
    ),
  );
}

async function run(
  plan: Plan,
  options: {
    readonly tree: Tree;
    readonly context: DemoContext;
    readonly clock: Clock;
    readonly on?: Parameters<typeof execute>[1]["on"];
  },
) {
  const { tree, clock, on } = options;
  const { settings, interruption, pluginFor } = options.context;
  const simulated = simulatedBackend({ tree, clock });
  const plugin = await pluginFor(() => simulated.reader);
  const result = await execute(plan, {
    backend: simulated,
    decide: pluginDecisions(plan, { plugin }),
    jobs: settings.jobs,
    signal: interruption.signal,
    skipGates: new Set(settings.skipGates),
    ...(on ? { on } : {}),
  });
  return { backend: simulated, result };
}
