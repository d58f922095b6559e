import type { RolloutEvent } from "../core/events.ts";
import type { StepOutcome } from "../core/outcome.ts";
import type { Plan } from "../core/plan.ts";
import type { Tree } from "../core/release.ts";
import { counted, renderCommands, renderDuration } from "../core/report.ts";
import type { RunChain } from "../core/run-chain.ts";
import { simulateSchedule } from "../core/schedule-simulation.ts";
import { execute } from "../io/execute.ts";
import { helmfileBackend } from "../io/helmfile-backend.ts";
import { plainSink } from "../io/plain-sink.ts";
import { openStepLog, type StepLog } from "../io/step-log.ts";
import { watchedBackend } from "../io/watched-backend.ts";
import { readerOf, wideReader } from "./cluster-readers.ts";
import { questions } from "./decisions.ts";
import type { DeployContext } from "./deploy-context.ts";
import { otherServers } from "./deploying-servers.ts";
import { messageOf } from "./error-message.ts";
import { type LookedAt, lookWhatExists } from "./existing-releases.ts";
import { type Expectation, expectDurations } from "./expected-durations.ts";
import { makePlan } from "./make-plan.ts";
import { requireHelmfile } from "./require-helmfile.ts";
import { findRunToResume, resume, stillDone } from "./resume.ts";
import {
  countOutcomes,
  finish,
  foundNothingOut,
  nothingRan,
  resultJson,
  succeeded,
  tellOperators,
} from "./rollout-end.ts";
import { beginRun, type RunRecord, stateFolderOf } from "./run-record.ts";
import { type ExitCode, exitCodes, Refusal } from "./settings.ts";
import { stepLogFolder } from "./step-log-folder.ts";
import { askAboutDiffs, askToStart } from "./steps-to-run.ts";
import { tellUnreadable } from "./unreadable.ts";
import { checkWiped, refuseOtherName } from "./wiped-check.ts";

/** A verb that deploys: plan, ask, execute, report. */
export async function deploy(tree: Tree, context: DeployContext): Promise<ExitCode> {
  const { settings, terminal, rollout, env, openCluster } = context;
  const looking = { open: openCluster, tell: terminal.tell };
  const planned = await makePlan(tree, rollout.mode, context);
  refuseUnreadable(planned, context);
  tellUnreadable(terminal, planned.unreadable);
  const missed = planned.unreadable.length > 0 ? exitCodes.failed : exitCodes.done;
  if (rollout.needsWipedCluster) refuseOtherName(planned, settings);
  if (settings.dryRun) {
    const { plan: shown, seesAll } =
      settings.kubeconfig === undefined
        ? { plan: planned, seesAll: true }
        : await lookWhatExists(planned, looking);
    terminal.answer(settings.output === "json" ? JSON.stringify(shown) : renderCommands(shown));
    return seesAll ? missed : exitCodes.unknown;
  }
  if (planned.steps.length === 0 && !planned.stages.some(({ run }) => run)) {
    terminal.tell(`nothing to deploy in ${planned.environment}`);
    if (settings.output === "json") terminal.answer(JSON.stringify(resultJson(planned, nothingRan)));
    return missed;
  }
  refuseWithoutTerminal(context);
  await requireHelmfile(env);
  const folder = stateFolderOf(context);
  const record = await beginRun(planned.environment, folder, context);
  try {
    const { resume: run } = settings;
    const wanted = { folder, run: run === "newest" ? undefined : run, tell: terminal.tell };
    const previous = run === undefined ? undefined : await findRunToResume(planned, wanted);
    if (run !== undefined && !previous) return missed;
    const expected = await expectDurations(planned, { folder, tree });
    return await deployLocked(planned, { ...context, record, missed, previous, expected });
  } finally {
    record.release();
  }
}

/** The rest of it, while nobody else on this host deploys to the environment. */
async function deployLocked(
  planned: Plan,
  context: DeployContext & {
    readonly record: RunRecord;
    readonly missed: ExitCode;
    /** The run that this one goes on with. */
    readonly previous: RunChain | undefined;
    readonly expected: Expectation | undefined;
  },
): Promise<ExitCode> {
  const { settings, terminal, rollout, interruption, env, openCluster: open, record, missed } = context;
  const { previous, expected } = context;
  const stepLog = openLog(planned, context);

  const sink = plainSink({ environment: planned.environment, printsOutput: true });
  const ask = questions(context, sink);
  const others = await otherServers(planned, { reader: wideReader(planned, open), env });
  // What an earlier run has deployed is there, and it has asked.
  if (rollout.needsWipedCluster && !previous)
    await checkWiped(planned, { open, settings, terminal, ask, others });
  const resumed = previous && (await resume(planned, previous, { ...context, ask }));
  if (interruption.signal.aborted) return exitCodes.interrupted;
  if (resumed === "quit") throw new Refusal("nothing was deployed", exitCodes.failed);
  const { plan, sees, revisions } = await lookBeforehand(planned, others, context);
  if (interruption.signal.aborted) return exitCodes.interrupted;
  const resumption = resumed && stillDone(resumed, { plan, revisions, tell: terminal.tell });
  if (expected) tellExpected(plan, { ...context, expected, done: resumption?.settled });
  const chosen = rollout.diffs ? await askAboutDiffs(plan, context, ask) : await askToStart(plan, ask);
  if (interruption.signal.aborted) return exitCodes.interrupted;
  // Of several environments none is begun after it.
  if (chosen === "quit") throw new Refusal("nothing was deployed", exitCodes.failed);
  const settled = new Map([...chosen, ...(resumption?.settled ?? [])]);
  const halting = new AbortController();
  const journal = record.begin(plan, {
    onFault: (message) => halting.abort(message),
    revisions,
    ...(previous ? { resumes: previous.header.run } : {}),
  });
  terminal.tell(`output of the steps: ${stepLog.folder}`);
  terminal.tell(`journal of the run: ${journal.file}`);
  const pending = plan.steps.filter(({ id }) => !settled.has(id));
  const changes = pending.length > 0 || plan.stages.some(({ run }) => run);
  if (changes) await tellOperators(plan, pending, "START", context);
  const outcomes = new Map<string, StepOutcome["kind"]>();
  const backend = helmfileBackend({
    env,
    logsItself: plan.log === undefined,
    congested: () => sink.congested() ?? stepLog.congested(),
  });
  const running = execute(plan, {
    backend: sees
      ? watchedBackend(backend, {
          plan,
          failFast: settings.failFast,
          clusterOf: (namespace) => readerOf(plan, namespace, open),
          outcomeOf: (step) => outcomes.get(step),
        })
      : backend,
    jobs: settings.jobs,
    signal: interruption.signal,
    halt: halting.signal,
    skipGates: new Set(settings.skipGates),
    settled,
    ...(expected ? { order: { expected: expected.durations } } : {}),
    ...(resumption ? { settledCommands: resumption.commands } : {}),
    on: (event: RolloutEvent) => {
      if (event.type === "step-finished") outcomes.set(event.step.id, event.outcome.kind);
      if (event.type === "step-started") outcomes.delete(event.step.id);
      // First, so that nothing is begun that is not written down.
      journal.on(event);
      stepLog.on(event);
      sink.on(event);
    },
    decide: ask.decisions(plan),
  });
  const result = await running.catch(async (error: unknown) => {
    // A bug of ours: what was written so far is kept, and nobody waits for a DONE that never comes.
    if (changes) await tellOperators(plan, pending, "DONE: ended by a fault of the tool", context);
    await stepLog.close();
    journal.close();
    throw error;
  });
  journal.close();
  if (changes) await tellOperators(plan, pending, `DONE: ${countOutcomes(result)}`, context);
  for (const fault of await stepLog.close()) terminal.tell(`warning: a log could not be written: ${fault}`);
  const isToldAll = await finish(plan, result, context);
  if (interruption.signal.aborted) return exitCodes.interrupted;
  if (!succeeded(result)) return foundNothingOut(result) ? exitCodes.unknown : exitCodes.failed;
  return isToldAll ? missed : exitCodes.usage;
}

/** Of an apply it is known only after the diffs what will run. */
function tellExpected(
  plan: Plan,
  {
    expected: { durations, runs },
    done,
    settings,
    rollout,
    terminal,
  }: DeployContext & {
    readonly expected: Expectation;
    readonly done: ReadonlyMap<string, StepOutcome> | undefined;
  },
): void {
  if (rollout.diffs) return;
  const progress = { ended: new Set(done?.keys()), running: new Map(), opened: new Set<string>() };
  const { makespanMs } = simulateSchedule(plan, durations, { jobs: settings.jobs, progress });
  const known = `by the durations of ${counted(runs, "earlier run")}`;
  terminal.tell(`expected to take ${renderDuration(makespanMs)}, questions aside, ${known}`);
}

/** What is seen counts only where it is what is deployed to. */
async function lookBeforehand(
  plan: Plan,
  others: readonly string[],
  context: DeployContext,
): Promise<LookedAt> {
  const { settings, terminal, rollout, openCluster: open } = context;
  if (others.length === 0) return lookWhatExists(plan, { open, tell: terminal.tell });
  const what = `the helmfiles deploy to ${others.join(", ")}, which is not the cluster that is looked at`;
  // Where a wiped cluster is needed, that has been asked about.
  if (settings.kubeconfig !== undefined && !rollout.needsWipedCluster) {
    throw new Refusal(`nothing was deployed: ${what} with --kubeconfig`, exitCodes.usage);
  }
  terminal.tell(`warning: ${what}: what exists is not known, and nothing is watched`);
  return { plan, sees: false, seesAll: false, revisions: new Map() };
}

function refuseUnreadable(plan: Plan, { rollout, terminal }: DeployContext): void {
  if (!rollout.refusesUnreadable || plan.unreadable.length === 0) return;
  tellUnreadable(terminal, plan.unreadable);
  const services = plan.unreadable.map(({ service }) => service);
  throw new Refusal(
    `${rollout.name} needs every service to be readable: mend ${services.join(", ")}, or leave out by --exclude ${services.join(",")}`,
    exitCodes.usage,
  );
}

function refuseWithoutTerminal({ settings, terminal, rollout }: DeployContext): void {
  if (settings.yes || terminal.interactive) return;
  throw new Refusal(
    `${rollout.name} asks before it deploys, and there is no terminal to ask on: give --yes (or --dry_run to see what it would do)`,
    exitCodes.usage,
  );
}

function openLog(plan: Plan, { settings, env }: DeployContext): StepLog {
  const folder = settings.logDir ?? stepLogFolder(env, plan.environment, new Date());
  try {
    return openStepLog(folder);
  } catch (error) {
    const why = messageOf(error);
    throw new Refusal(
      `the folder for the logs cannot be made: ${why}; name another by --log_dir`,
      exitCodes.usage,
    );
  }
}
