import { resumeCommand } from "../core/journal/resume-command.ts";
import type { Plan, Step } from "../core/plan/plan.ts";
import type { RolloutEvent, RolloutResult } from "../core/rollout/events.ts";
import type { StepOutcome } from "../core/rollout/outcome.ts";
import type { PendingRelease } from "../core/rollout/pending-releases.ts";
import { execute } from "../io/execute.ts";
import type { Journal } from "../io/journal-writer.ts";
import type { RolloutSink } from "../io/rollout-sink.ts";
import { markedEnvironment, runMark } from "../io/run-mark.ts";
import { currentFolder } from "../io/run-origin.ts";
import type { StepLog } from "../io/step-log.ts";
import type { DeployContext } from "./deploy-context.ts";
import { type Estimate, isMeasured } from "./expected-durations.ts";
import { pluginDecisions } from "./plugin-decisions.ts";
import type { Questions } from "./questions.ts";
import type { ReservedRun } from "./reserve-run.ts";
import { retriesBy } from "./retries.ts";
import { countOutcomes, finish, foundNothingOut, succeeded, tellOperators } from "./rollout-end.ts";
import { rolloutSchedule } from "./rollout-schedule.ts";
import { type RolloutStopping, watchStopping } from "./rollout-stopping.ts";
import { type ExitCode, exitCodes } from "./settings.ts";
import { stepBackend } from "./step-backend.ts";
import type { Settled } from "./steps-to-run.ts";

/** All that was found and answered before a rollout begins. */
export interface CarryOutContext extends DeployContext {
  readonly reserved: ReservedRun;
  /** The run that this one goes on with, by its name. */
  readonly resumes: string | undefined;
  /** The exit code where all went well, which is not `done` where a service could not be read: then it tells that. */
  readonly endWell: () => ExitCode;
  readonly stepLog: StepLog;
  readonly sink: RolloutSink;
  readonly questions: Questions;
  /** Whether the cluster that is deployed to can be looked at. */
  readonly sees: boolean;
  /** What was left half done before the rollout. */
  readonly pending: readonly PendingRelease[];
  /** helm's revision of each release before the rollout. */
  readonly revisions: ReadonlyMap<string, number>;
  /** Digests of the services' files; none where diffs show what has changed. */
  readonly files: ReadonlyMap<string, string>;
  readonly estimate: Estimate;
  /** Steps that do not run. */
  readonly settled: Settled;
  /** Commands of stages that do not run, by stage. */
  readonly settledCommands: Settled;
}

/** Executes a plan, writes it down, and tells how it ended. From here on something is deployed. */
export async function carryOut(plan: Plan, context: CarryOutContext): Promise<ExitCode> {
  const { terminal, interruption, reserved, resumes, endWell, stepLog, sink, argv } = context;
  const { sees, pending, revisions, files, settled, settledCommands } = context;
  const halting = new AbortController();
  const journal = await reserved.openJournal(plan, {
    onFault: (message) => halting.abort(message),
    revisions,
    halfDone: pending.map(({ id }) => id),
    files,
    copy: context.events?.write,
    ...(resumes === undefined ? {} : { resumes }),
  });
  const resume = resumeCommand({ run: reserved.run, argv, cwd: currentFolder() });
  terminal.tell(`output of the steps: ${stepLog.folder}`);
  terminal.tell(`journal of the run: ${journal.file}`);
  const left = {
    steps: plan.steps.filter(({ id }) => !settled.has(id)),
    commands: plan.stages.filter(({ name, run }) => run && !settledCommands.has(name)),
  };
  const tellAll = (what: string) => tellOperators(plan, left, what, context);
  await tellAll("START");
  const stopping = watchStopping(plan, {
    ...context,
    journalFile: journal.file,
    resume,
    revisions,
    sees,
    say: sink.tell,
  });
  let result: RolloutResult;
  try {
    result = await executePlan(plan, {
      ...context,
      left: left.steps,
      journal,
      stopping,
      halt: halting.signal,
    });
  } catch (error) {
    // A bug of ours: what was written so far is kept, and nobody waits for a DONE that never comes.
    sink.close();
    await tellAll("DONE: ended by a fault of the tool");
    await stepLog.close();
    journal.close();
    await stopping.end();
    throw error;
  }
  journal.close();
  await tellAll(`DONE: ${countOutcomes(result)}`);
  for (const fault of await stepLog.close()) terminal.tell(`warning: a log could not be written: ${fault}`);
  const isToldAll = await finish(plan, result, {
    ...context,
    resume: stopping.isToldHow() ? undefined : resume,
  });
  await stopping.end();
  if (interruption.signal.aborted) return exitCodes.interrupted;
  if (!succeeded(result)) return foundNothingOut(result) ? exitCodes.unknown : exitCodes.failed;
  return isToldAll ? endWell() : exitCodes.usage;
}

function executePlan(
  plan: Plan,
  context: CarryOutContext & {
    /** What is not settled. */
    readonly left: readonly Step[];
    readonly journal: Journal;
    readonly stopping: RolloutStopping;
    readonly halt: AbortSignal;
  },
): Promise<RolloutResult> {
  const { settings, env, interruption, stepLog, sink, questions, estimate, journal, stopping, halt } =
    context;
  const { settled, settledCommands, left } = context;
  const schedule = rolloutSchedule(context);
  const hasForecast = isMeasured(left, estimate);
  const shown = { plan, settled, ...(hasForecast && { forecast: { ...estimate, schedule } }) };
  sink.begin(shown, () => performance.now());
  const outcomes = new Map<string, StepOutcome["kind"]>();
  const backend = stepBackend(plan, {
    ...context,
    env: markedEnvironment(env, runMark(journal.file)),
    outcomeOf: (step) => outcomes.get(step),
    congested: () => sink.congested() ?? stepLog.congested(),
  });
  return execute(plan, {
    backend,
    halt,
    settled,
    settledCommands,
    jobs: settings.jobs,
    signal: interruption.signal,
    skipGates: new Set(settings.skipGates),
    retry: retriesBy(settings),
    order: { ...schedule, expected: hasForecast ? estimate.durations : undefined },
    on: (event: RolloutEvent) => {
      if (event.type === "step-finished") outcomes.set(event.step.id, event.outcome.kind);
      if (event.type === "step-started") outcomes.delete(event.step.id);
      // First, so that nothing is begun that is not written down.
      journal.on(event);
      stopping.on(event);
      stepLog.on(event);
      sink.on(event);
    },
    decide: { ...pluginDecisions(plan, context), ...questions.decisions(plan) },
  });
}
