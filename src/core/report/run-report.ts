import * as z from "../common/zod.ts";
import { evidenceSchema, failureSchema } from "../journal/journal-line.ts";
import { planModes } from "../plan/plan.ts";

const text = z.string();
const words = z.array(text);
const count = z.int().check(z.minimum(0));
/** Milliseconds since the run began, on a clock that never jumps. */
const moment = z.number().check(z.minimum(0));

/**
 * How far a run came. `open`: no end of it is written down, and whether it still runs is known only on its host.
 * `unreadable`: not even its plan can be read.
 */
const runStandings = [
  "complete",
  "failed",
  "interrupted",
  "running",
  "killed",
  "open",
  "unreadable",
] as const;

/** How a step, or the command of a stage, ended; the last two have no end that was written down. */
export const reportedOutcomes = [
  "succeeded",
  "failed",
  "blocked",
  "cancelled",
  "skipped",
  "in-flight",
  "not-begun",
] as const;
export type ReportedOutcome = (typeof reportedOutcomes)[number];

const attemptSchema = z.strictObject({
  fromMs: moment,
  toMs: z.exactOptional(moment),
  /** Why it was tried again. */
  again: z.exactOptional(text),
});

const workShape = {
  command: words,
  outcome: z.enum(reportedOutcomes),
  /** When it was begun first, and when it ended last. */
  fromMs: z.exactOptional(moment),
  toMs: z.exactOptional(moment),
  /** How long it was worked on in all, without the waits between attempts. */
  workMs: moment,
  attempts: z.array(attemptSchema),
  /** Why it did not succeed, in one line. */
  reason: z.exactOptional(text),
  /** What it was blocked on. */
  on: z.exactOptional(words),
  failure: z.exactOptional(failureSchema),
};

const stepSchema = z.strictObject({
  id: text,
  service: text,
  stage: text,
  namespaces: words,
  releases: words,
  class: text,
  action: z.enum(["sync", "apply"]),
  after: words,
  gates: words,
  ...workShape,
  noticed: z.array(z.strictObject({ ms: moment, evidence: evidenceSchema })),
  mended: z.array(z.strictObject({ ms: moment, release: text, status: text, command: words })),
});

const commandSchema = z.strictObject({
  stage: text,
  allowed: words,
  /** Releases; `namespace/*` where they have their names only when they are deployed. */
  deploys: z.exactOptional(words),
  ...workShape,
});

const countsSchema = z.strictObject({
  succeeded: count,
  failed: count,
  blocked: count,
  cancelled: count,
  skipped: count,
  "in-flight": count,
  "not-begun": count,
});

const stageSchema = z.strictObject({
  name: text,
  gate: z.enum(["wait", "none"]),
  steps: count,
  counts: countsSchema,
  /** From its first begin to its last end, its command included; without an end where something of it is in flight. */
  fromMs: z.exactOptional(moment),
  toMs: z.exactOptional(moment),
});

const gateSchema = z.strictObject({
  id: text,
  stage: text,
  namespace: z.exactOptional(text),
  steps: words,
  /** How many steps it holds. */
  holds: count,
  state: z.enum(["open", "shut", "waiting", "not-judged"]),
  /** From the end of the last of its steps until it opened or stayed shut. */
  fromMs: z.exactOptional(moment),
  toMs: z.exactOptional(moment),
  said: z.array(z.strictObject({ ms: moment, text })),
});

const pathPartSchema = z.strictObject({
  kind: z.enum(["step", "gate", "command"]),
  /** Of a command its stage. */
  id: text,
  fromMs: moment,
  toMs: moment,
  /** How long it was not begun yet although what stands before it in the path had ended. */
  waitMs: moment,
  /**
   * Why it came after what stands before it. `needed`: it waited for that. `worker`: no worker was free. `turn`: neither;
   * a stage in turn, a question, a namespace's limit. `begin`: nothing stands before it.
   */
  because: z.enum(["begin", "needed", "worker", "turn"]),
});

/** What a report of a run says: public, versioned. */
export const runReportSchema = z.strictObject({
  version: z.literal(1),
  run: text,
  /** The journal. */
  file: text,
  environment: z.exactOptional(text),
  mode: z.exactOptional(z.enum(planModes)),
  standing: z.enum(runStandings),
  /** The same in words. */
  summary: text,
  stopped: z.exactOptional(text),
  by: z.exactOptional(
    z.strictObject({ user: text, host: text, from: z.exactOptional(text), cwd: z.exactOptional(text) }),
  ),
  argv: z.exactOptional(words),
  resumes: z.exactOptional(text),
  /** It was a demo: nothing was deployed, and its times are those of the simulated cluster. */
  simulated: z.exactOptional(z.literal(true)),
  tools: z.exactOptional(z.record(text, text)),
  begun: z.exactOptional(text),
  /** When the last line was written. */
  lastLine: z.exactOptional(text),
  durationMs: moment,
  jobs: z.exactOptional(count),
  /** What the journal does not say, in words. */
  missing: words,
  counts: countsSchema,
  stages: z.array(stageSchema),
  steps: z.array(stepSchema),
  commands: z.array(commandSchema),
  gates: z.array(gateSchema),
  criticalPath: z.array(pathPartSchema),
  slowest: z.array(z.strictObject({ step: text, ms: moment })),
  excluded: z.array(z.strictObject({ release: text, class: text, reason: text })),
  unreadable: z.array(z.strictObject({ service: text, message: text })),
  /** Left out by the operator: releases of these are not known, and so not among the `excluded`. */
  excludedUnreadable: z.exactOptional(
    z.array(z.strictObject({ service: text, reason: text, message: text })),
  ),
  /** What to type next: what evidence advises, and what goes on with the run where something is left of it. */
  next: z.strictObject({ remedies: words, resume: z.exactOptional(text) }),
});

/** What happened in a run, as its journal has it: the one value that text, Markdown and page show. */
export type RunReport = z.infer<typeof runReportSchema>;
export type ReportedStep = RunReport["steps"][number];
export type ReportedCommand = RunReport["commands"][number];
export type ReportedStage = RunReport["stages"][number];
export type ReportedGate = RunReport["gates"][number];
export type ReportedWork = Pick<ReportedCommand, keyof typeof workShape>;
export type PathPart = RunReport["criticalPath"][number];
export type OutcomeCounts = RunReport["counts"];
