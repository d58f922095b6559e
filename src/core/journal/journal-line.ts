import { textThat } from "../common/text-schema.ts";
import * as z from "../common/zod.ts";
import type { Evidence } from "../evidence/evidence.ts";
import { planSchema } from "../plan/plan.ts";
import type { StepFailure, StepOutcome } from "../rollout/outcome.ts";
import { parseRunName } from "./run-name.ts";

/** The version of the format that is written, and the newest that is read. */
export const journalVersion = 1;

const text = z.string();
const lines = z.array(text);
const count = z.int().check(z.minimum(0));
const run = textThat((word) => parseRunName(word) !== undefined, "the name of a run");
const time = z.iso.datetime({ error: "a time, as 2026-10-05T11:00:00.000Z" });

/**
 * The first line: who began the run, where and with what.
 *
 * - `argv`: the words of the command line; relative paths in it are relative to `cwd`, which older journals lack.
 * - `from`: where the operator came from: the address that ssh names, else the terminal.
 * - `processStart`: tells the process from a later one with the same number; see `ProcessIdentity`.
 * - `tools`: versions, by the tool's name.
 * - `resumes`: the run that this one goes on with.
 * - `simulated`: it is a demo on a simulated cluster, and its times are those of that cluster.
 */
export const headerSchema = z.object({
  type: z.literal("journal"),
  version: z.literal(journalVersion),
  run,
  environment: text.check(z.minLength(1)),
  time,
  argv: lines,
  cwd: z.exactOptional(text),
  user: text,
  host: text,
  from: z.exactOptional(text),
  pid: count,
  processStart: z.exactOptional(text),
  tools: z.record(text, text),
  resumes: z.exactOptional(run),
  simulated: z.exactOptional(z.literal(true)),
});
export type JournalHeader = z.infer<typeof headerSchema>;

/** Ten years: longer than any run, and short enough to be reckoned with. */
const longestMs = 10 * 366 * 24 * 3600 * 1000;
const milliseconds = z.number().check(z.minimum(0), z.maximum(longestMs));

/** When a line was written: on the wall clock, and in milliseconds since the run began on a clock that never jumps. */
const when = { time, elapsedMs: milliseconds };

/**
 * The second line. `revisions` are those that helm had of each release before anything was deployed, 0 for one that it
 * did not have; a release that is missing could not be looked at. `halfDone` are those that a helm which did not come to
 * its end had left pending then. `files` are digests of the files of each service.
 */
export const planLineSchema = z.object({
  type: z.literal("plan"),
  plan: planSchema,
  revisions: z.exactOptional(z.record(text, count)),
  halfDone: z.exactOptional(lines),
  files: z.exactOptional(z.record(text, text)),
  ...when,
});
export type PlanLine = z.infer<typeof planLineSchema>;

const anyFailure = { evidence: z.exactOptional(lines), notTriedAgain: z.exactOptional(text) };
/** Why a step failed, as lines have it. */
export const failureSchema: z.ZodMiniType<StepFailure> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("exit"), exitCode: z.number(), lastLines: lines, ...anyFailure }),
  z.object({ kind: z.literal("signal"), signal: text, lastLines: lines, ...anyFailure }),
  z.object({ kind: z.literal("spawn"), message: text, ...anyFailure }),
  z.object({ kind: z.literal("other"), message: text, ...anyFailure }),
]);
const durationMs = milliseconds;
const outcomeSchema: z.ZodMiniType<StepOutcome> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("succeeded"), durationMs }),
  z.object({ kind: z.literal("failed"), durationMs, failure: failureSchema }),
  z.object({ kind: z.literal("blocked"), on: lines, reason: text }),
  z.object({ kind: z.literal("skipped"), reason: text }),
  z.object({ kind: z.literal("cancelled"), reason: text }),
]);

/** A map, as the compiler sees then that none is forgotten: the lines of one that is would be refused. */
const evidenceKinds: { readonly [Kind in Evidence["kind"]]: Kind } = {
  waiting: "waiting",
  crashed: "crashed",
  log: "log",
  event: "event",
  "missing-object": "missing-object",
  "missing-variable": "missing-variable",
  "cannot-look": "cannot-look",
};

/** What was noticed while a step ran. */
export const evidenceSchema: z.ZodMiniType<Evidence> = z.object({
  kind: z.enum(evidenceKinds),
  subject: text,
  message: text,
  lines: z.exactOptional(lines),
  remedy: z.exactOptional(text),
  conclusive: z.exactOptional(z.literal(true)),
});

/** Every other line: what happened, with the ids of steps and gates, and the names of stages. */
export const eventLineSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("rollout-started"), jobs: count, ...when }),
  z.object({ type: z.literal("stage-started"), stage: text, ...when }),
  z.object({ type: z.literal("step-started"), step: text, attempt: count, ...when }),
  z.object({ type: z.literal("step-noticed"), step: text, evidence: evidenceSchema, ...when }),
  z.object({ type: z.literal("step-retrying"), step: text, reason: text, afterMs: count, ...when }),
  z.object({
    type: z.literal("release-mending"),
    step: text,
    release: text,
    status: text,
    command: lines,
    ...when,
  }),
  z.object({ type: z.literal("step-finished"), step: text, outcome: outcomeSchema, ...when }),
  z.object({ type: z.literal("gate-waiting"), gate: text, reason: text, ...when }),
  z.object({ type: z.literal("gate-opened"), gate: text, reason: text, ...when }),
  z.object({ type: z.literal("gate-stayed-shut"), gate: text, reason: text, ...when }),
  z.object({ type: z.literal("command-allowed"), stage: text, reason: text, ...when }),
  z.object({ type: z.literal("command-started"), stage: text, command: lines, ...when }),
  z.object({ type: z.literal("command-finished"), stage: text, outcome: outcomeSchema, ...when }),
  z.object({ type: z.literal("stage-finished"), stage: text, ...when }),
  z.object({ type: z.literal("rollout-stopping"), reason: text, running: lines, ...when }),
  z.object({ type: z.literal("rollout-finished"), durationMs, stopped: z.exactOptional(text), ...when }),
]);
export type EventLine = z.infer<typeof eventLineSchema>;

/** What a line says without when it was written. */
export type JournalEvent = WithoutTime<EventLine>;
type WithoutTime<Line> = Line extends unknown ? Omit<Line, keyof typeof when> : never;

/** The types of lines that are known; others come from a newer minor version, and are passed over. */
export const eventTypes: ReadonlySet<string> = new Set(
  eventLineSchema.def.options.flatMap(({ shape }) => shape.type.def.values),
);
