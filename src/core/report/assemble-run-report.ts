import { renderDiagnostic } from "../common/diagnostic.ts";
import { namespacesOfReleases } from "../common/release.ts";
import { describeFailure } from "../helmfile-output/describe-failure.ts";
import type { JournalHeader } from "../journal/journal-line.ts";
import type { JournalContent, SalvagedJournal } from "../journal/parse-journal.ts";
import { fixPendingNote, resumeCommand } from "../journal/resume-command.ts";
import { type RunState, runStateOf } from "../journal/run-state.ts";
import type { Gate, Plan, Stage, Step } from "../plan/plan.ts";
import { type StepOutcome, wasKilled } from "../rollout/outcome.ts";
import { interruptedWhileItRan } from "../rollout/outcome-reasons.ts";
import { runCriticalPath, waitOf } from "./run-critical-path.ts";
import type {
  OutcomeCounts,
  ReportedCommand,
  ReportedGate,
  ReportedOutcome,
  ReportedStage,
  ReportedStep,
  ReportedWork,
  RunReport,
} from "./run-report.ts";
import { notSaid, type RunLife, standingOf, summaryOf } from "./run-standing.ts";
import { type Moment, type RunTimeline, runTimeline, type WorkTimeline } from "./run-timeline.ts";

/** So many of the slowest steps are named. */
const namedSteps = 10;

/** So many faults of a journal are told. */
const toldFaults = 5;

/**
 * Puts together what a journal says about its run: of one that still runs, that was killed, that goes on with another,
 * also of one that is damaged or empty, as far as it can be read. What it does not say stands in `missing`.
 *
 * @param options.run its name, for where the journal does not say
 */
export function assembleRunReport(
  { header, content, faults }: SalvagedJournal,
  options: { readonly run: string; readonly file: string; readonly life: RunLife },
): RunReport {
  const base = {
    version: 1 as const,
    run: header?.run ?? options.run,
    file: options.file,
    ...(header && fromHeader(header)),
  };
  const told = faults.slice(0, toldFaults).map((fault) => renderDiagnostic(fault).split("\n")[0] ?? "");
  const more = faults.length > toldFaults ? [`and ${faults.length - toldFaults} more such lines`] : [];
  if (!content) return { ...base, ...nothingKnown(told) };
  const state = runStateOf(content);
  return { ...base, ...contentOf(content, state, options.life, [...told, ...more]) };
}

function fromHeader({ environment, argv, tools, time, resumes, simulated, ...header }: JournalHeader) {
  const { user, host, from, cwd } = header;
  const by = { user, host, ...(from !== undefined && { from }), ...(cwd !== undefined && { cwd }) };
  const more = { ...(resumes !== undefined && { resumes }), ...(simulated && { simulated }) };
  return { environment, by, argv, tools, begun: time, ...more };
}

function nothingKnown(missing: string[]) {
  return {
    standing: "unreadable" as const,
    summary: "its journal cannot be read",
    ...{ durationMs: 0, missing, counts: countsOf([]) },
    ...{ stages: [], steps: [], commands: [], gates: [], criticalPath: [], slowest: [] },
    ...{ excluded: [], unreadable: [], next: { remedies: [] } },
  };
}

function contentOf(content: JournalContent, state: RunState, life: RunLife, faults: readonly string[]) {
  const { plan, lines, header, torn } = content;
  const timeline = runTimeline(lines);
  const now = { ms: state.elapsedMs, line: lines.length };
  const steps = plan.steps.map((step) => reportStep(step, timeline));
  const commands = plan.stages.flatMap((stage) => (stage.run ? [reportCommand(stage, timeline)] : []));
  const standing = standingOf(state, life);
  // What would mend a simulated cluster is for no other, and it is gone.
  const remedies = header.simulated ? [] : remediesOf(steps);
  const mayGoOn = !header.simulated && ["failed", "interrupted", "killed"].includes(standing);
  const slowest = steps
    .filter(({ workMs }) => workMs > 0)
    .sort((one, other) => other.workMs - one.workMs)
    .slice(0, namedSteps)
    .map(({ id, workMs }) => ({ step: id, ms: workMs }));
  return {
    mode: plan.mode,
    standing,
    summary: summaryOf(state, life, torn),
    ...(state.stopped !== undefined && { stopped: state.stopped }),
    lastLine: state.lastTime,
    durationMs: state.elapsedMs,
    ...(timeline.jobs !== undefined && { jobs: timeline.jobs }),
    missing: [...faults, ...notSaid({ content, standing, steps, commands })],
    counts: countsOf([...steps, ...commands]),
    stages: plan.stages.map((stage) => reportStage(stage, steps, commands)),
    ...{ steps, commands },
    gates: reportGates(plan, timeline, now),
    criticalPath: runCriticalPath(plan, timeline, now),
    slowest,
    excluded: plan.excluded,
    unreadable: plan.unreadable.map(({ service, message }) => ({ service, message })),
    ...(plan.excludedUnreadable && {
      excludedUnreadable: plan.excludedUnreadable.map(({ service, reason, message }) => {
        return { service, reason, message };
      }),
    }),
    next: mayGoOn
      ? { remedies: [...remedies, ...pendingRemedies(state)], resume: resumeCommand(header) }
      : { remedies },
  };
}

function reportStep(step: Step, { steps }: RunTimeline): ReportedStep {
  const { id, service, stage, releases, action, after, gates = [] } = step;
  const timeline = steps.get(id);
  const { noticed = [], mended = [] } = timeline ?? {};
  return {
    ...{ id, service, stage, releases, class: step.class, action, after, gates },
    namespaces: namespacesOfReleases(releases),
    ...workOf(["helmfile", ...step.args], timeline),
    ...{ noticed, mended },
  };
}

function reportCommand({ name, run = [], runDeploys }: Stage, { commands }: RunTimeline): ReportedCommand {
  const timeline = commands.get(name);
  const { allowed = [], words = run } = timeline ?? {};
  return {
    stage: name,
    allowed,
    ...(runDeploys && { deploys: runDeploys }),
    ...workOf([...words], timeline),
  };
}

function workOf(command: string[], timeline: WorkTimeline | undefined): ReportedWork {
  const { attempts = [], outcome } = timeline ?? {};
  const [first] = attempts;
  const last = attempts.at(-1);
  return {
    command,
    outcome: outcome?.kind ?? (first ? "in-flight" : "not-begun"),
    ...(first && { fromMs: first.from.ms }),
    ...(last?.to && { toMs: last.to.ms }),
    workMs: attempts.reduce((sum, { from, to }) => sum + (to ? Math.max(0, to.ms - from.ms) : 0), 0),
    attempts: attempts.map(({ from, to, again }) => ({
      fromMs: from.ms,
      ...(to && { toMs: to.ms }),
      ...(again !== undefined && { again }),
    })),
    ...whyOf(outcome),
  };
}

function whyOf(outcome: StepOutcome | undefined): Pick<ReportedWork, "reason" | "on" | "failure"> {
  switch (outcome?.kind) {
    case "failed":
      return { reason: describeFailure(outcome.failure), failure: outcome.failure };
    case "blocked":
      return { reason: outcome.reason, on: [...outcome.on] };
    case "skipped":
    case "cancelled":
      return { reason: outcome.reason };
    default:
      return {};
  }
}

function reportStage(
  { name, gate, steps: ids }: Stage,
  steps: readonly ReportedStep[],
  commands: readonly ReportedCommand[],
): ReportedStage {
  const own = new Set(ids);
  const works: readonly ReportedWork[] = [
    ...steps.filter(({ id }) => own.has(id)),
    ...commands.filter(({ stage }) => stage === name),
  ];
  const begins = works.flatMap(({ fromMs }) => fromMs ?? []);
  const ends = works.flatMap(({ toMs }) => toMs ?? []);
  return {
    name,
    gate,
    steps: ids.length,
    counts: countsOf(works),
    ...(begins.length > 0 && { fromMs: begins.reduce((one, other) => Math.min(one, other)) }),
    // What is in flight ends later, and nobody knows when.
    ...(ends.length > 0 &&
      !works.some(isOpen) && { toMs: ends.reduce((one, other) => Math.max(one, other)) }),
  };
}

function isOpen({ outcome }: ReportedWork): boolean {
  return outcome === "in-flight";
}

function reportGates({ gates, steps }: Plan, timeline: RunTimeline, now: Moment): ReportedGate[] {
  const holds = new Map<string, number>();
  for (const { gates: held = [] } of steps)
    for (const id of new Set(held)) holds.set(id, (holds.get(id) ?? 0) + 1);
  return gates.map((gate) => ({ ...reportGate(gate, timeline, now), holds: holds.get(gate.id) ?? 0 }));
}

function reportGate(gate: Gate, timeline: RunTimeline, now: Moment): Omit<ReportedGate, "holds"> {
  const { id, stage, namespace } = gate;
  const { said = [], verdict } = timeline.gates.get(id) ?? {};
  const wait = waitOf(gate, timeline, now);
  const judged = verdict ? (verdict.open ? "open" : "shut") : said.length > 0 ? "waiting" : "not-judged";
  return {
    ...{ id, stage, ...(namespace !== undefined && { namespace }), steps: gate.steps },
    state: judged,
    ...(wait && { fromMs: wait.from.ms }),
    ...(wait && verdict && { toMs: wait.to.ms }),
    said: said.map(({ at, text }) => ({ ms: at.ms, text })),
  };
}

function countsOf(works: readonly { readonly outcome: ReportedOutcome }[]): OutcomeCounts {
  const counts = {
    ...{ succeeded: 0, failed: 0, blocked: 0, cancelled: 0, skipped: 0 },
    ...{ "in-flight": 0, "not-begun": 0 },
  } satisfies OutcomeCounts;
  for (const { outcome } of works) counts[outcome] += 1;
  return counts;
}

/** What evidence of steps that did not succeed says is to be done, each once. */
function remediesOf(steps: readonly ReportedStep[]): string[] {
  const open = steps.filter(({ outcome }) => outcome !== "succeeded" && outcome !== "skipped");
  return [
    ...new Set(open.flatMap(({ noticed }) => noticed.flatMap(({ evidence }) => evidence.remedy ?? []))),
  ];
}

/** Whether what was interrupted came to its own end, or was killed by a second Ctrl-C, no journal says. */
function pendingRemedies({ inFlight, outcomes }: RunState): string[] {
  const mayBePending = [...outcomes.values()].some(
    (outcome) =>
      wasKilled(outcome) || (outcome.kind === "cancelled" && outcome.reason === interruptedWhileItRan),
  );
  return inFlight.length > 0 || mayBePending ? [fixPendingNote] : [];
}
