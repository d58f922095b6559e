import type { Tree } from "../core/common/release.ts";
import type { RunChain } from "../core/journal/run-chain.ts";
import { nothingDone } from "../core/journal/run-resume.ts";
import type { Plan } from "../core/plan/plan.ts";
import { serviceDigests } from "../io/service-files.ts";
import { openStepLog, type StepLog } from "../io/step-log.ts";
import { askForPlan } from "./ask-for-plan.ts";
import { carryOut } from "./carry-out.ts";
import { wideReader } from "./cluster-readers.ts";
import type { DeployContext } from "./deploy-context.ts";
import { describeExpected } from "./describe-expected.ts";
import { dryRun } from "./dry-run.ts";
import { messageOf } from "./error-message.ts";
import { expectDurations } from "./expected-durations.ts";
import { warnOfKubeconfigs } from "./look-at-kubeconfigs.ts";
import { lookBeforehand } from "./look-beforehand.ts";
import { openSink } from "./open-sink.ts";
import { otherServers } from "./other-servers.ts";
import { createQuestions } from "./questions.ts";
import { requireHelmfile } from "./require-helmfile.ts";
import { type ReservedRun, reserveRun } from "./reserve-run.ts";
import { findRunToResume, resume, runWanted, stillDone } from "./resume.ts";
import { nothingRan, resultJson } from "./rollout-end.ts";
import { type ExitCode, exitCodes, Refusal } from "./settings.ts";
import { stepLogFolder } from "./step-log-folder.ts";
import { askAboutDiffs, askToStart } from "./steps-to-run.ts";
import { endOfAll, tellUnreadable } from "./unreadable.ts";
import { checkWiped, describeResumed, refuseOtherName } from "./wiped-check.ts";
import { stateFolderOf } from "./written-runs.ts";

/** A verb that deploys: plan, ask, execute, report. */
export async function deploy(tree: Tree, context: DeployContext): Promise<ExitCode> {
  const { settings, terminal, verb, env } = context;
  const planned = await askForPlan(tree, verb.mode, context);
  refuseUnreadable(planned, context);
  tellUnreadable(terminal, planned.unreadable);
  const endWell = () => endOfAll(terminal, planned.unreadable);
  if (verb.needsWipedCluster) refuseOtherName(planned, settings);
  if (settings.dryRun) return dryRun(planned, endWell, context);
  if (planned.steps.length === 0 && !planned.stages.some(({ run }) => run)) {
    terminal.tell(`nothing to deploy in ${planned.environment}`);
    if (settings.output === "json") terminal.answer(JSON.stringify(resultJson(planned, nothingRan)));
    return endWell();
  }
  refuseWithoutTerminal(context);
  await requireHelmfile(env);
  const folder = stateFolderOf(env, settings.stateDir);
  const reserved = await reserveRun(planned, folder, context);
  try {
    const isResumed = settings.resume !== undefined;
    const previous = isResumed
      ? await findRunToResume(planned, { ...runWanted(context), folder })
      : undefined;
    if (isResumed && !previous) return endWell();
    return await deployLocked(planned, { ...context, reserved, endWell, previous, folder, tree });
  } finally {
    reserved.release();
  }
}

/** The rest of it, while nobody else on this host deploys to the environment. */
async function deployLocked(
  planned: Plan,
  context: DeployContext & {
    readonly reserved: ReservedRun;
    readonly endWell: () => ExitCode;
    /** The run that this one goes on with. */
    readonly previous: RunChain | undefined;
    readonly folder: string;
    readonly tree: Tree;
  },
): Promise<ExitCode> {
  const { settings, terminal, verb, interruption, env, openCluster: open, previous } = context;
  const stepLog = openLog(planned, context);
  const sink = await openSink(planned.environment, { ...context, printsOutput: true });
  const questions = createQuestions(context, sink);
  const { signal } = interruption;
  const others = await otherServers(planned, { reader: wideReader(planned, open), env, signal });
  // What an earlier run has deployed is there, and it has asked.
  const checksWiped = verb.needsWipedCluster === true && !previous;
  const cluster = !verb.needsWipedCluster
    ? []
    : previous
      ? await describeResumed(planned, { open, run: previous.header.run })
      : await checkWiped(planned, { open, settings, terminal, questions, others });
  const files = verb.diffs ? undefined : await serviceDigests(planned);
  const wasDone = previous ? await resume(planned, previous, { ...context, questions, files }) : nothingDone;
  if (interruption.signal.aborted) return exitCodes.interrupted;
  if (wasDone === "quit") throw new Refusal("nothing was deployed", exitCodes.failed);
  const { plan, sees, revisions, pending } = await lookBeforehand(
    planned,
    { others, knowsNamespaces: checksWiped },
    context,
  );
  if (interruption.signal.aborted) return exitCodes.interrupted;
  const done = stillDone(wasDone, { plan, revisions, pending, tell: terminal.tell });
  await warnOfKubeconfigs(plan, done, context);
  if (interruption.signal.aborted) return exitCodes.interrupted;
  // Only now it is known which of them are installed and which upgraded.
  const estimate = await expectDurations(plan, context);
  const settled = verb.diffs
    ? await askAboutDiffs(plan, {
        ...context,
        questions,
        done,
        halfDone: new Set(pending.map(({ id }) => id)),
      })
    : await askToStart(plan, {
        questions,
        done,
        facts: {
          cluster,
          skipGates: settings.skipGates,
          expected: describeExpected(plan, { ...context, estimate, done }),
        },
      });
  if (interruption.signal.aborted) return exitCodes.interrupted;
  // Of several environments none is begun after it.
  if (settled === "quit") throw new Refusal("nothing was deployed", exitCodes.failed);
  return carryOut(plan, {
    ...context,
    stepLog,
    sink,
    questions,
    sees,
    pending,
    revisions,
    estimate,
    files: files ?? new Map(),
    resumes: previous?.header.run,
    settled,
    settledCommands: done.commands,
  });
}

function refuseUnreadable(plan: Plan, { verb, terminal }: DeployContext): void {
  if (!verb.refusesUnreadable || plan.unreadable.length === 0) return;
  tellUnreadable(terminal, plan.unreadable);
  const services = plan.unreadable.map(({ service }) => service);
  throw new Refusal(
    `${verb.name} needs every service to be readable: mend ${services.join(", ")}, or leave out by --exclude ${services.join(",")}`,
    exitCodes.usage,
  );
}

function refuseWithoutTerminal({ settings, terminal, verb }: DeployContext): void {
  if (settings.yes || terminal.interactive) return;
  throw new Refusal(
    `${verb.name} asks before it deploys, and there is no terminal to ask on: give --yes (or --dry_run to see what it would do)`,
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
