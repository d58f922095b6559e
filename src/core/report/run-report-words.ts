import { plainLine } from "../common/plain-line.ts";
import { counted, firstOf, quoted, renderDuration } from "../common/words.ts";
import { withoutFrame } from "../helmfile-output/helmfile-frame.ts";
import { notDeployed } from "../plan/left-out.ts";
import { isDoneEarlier } from "../rollout/outcome-reasons.ts";
import { type Noticed, noticedLines } from "./noticed-lines.ts";
import { shownLines, shownOfPiece, shownRows } from "./report-limits.ts";
import {
  type PathPart,
  type ReportedCommand,
  type ReportedGate,
  type ReportedOutcome,
  type ReportedStage,
  type ReportedStep,
  type RunReport,
  reportedOutcomes,
} from "./run-report.ts";

/** What a report is about, and how that stands, in one line. */
export function headlineOf(report: RunReport): string {
  const { environment, run, summary } = report;
  const mode = modeWords(report);
  const what = mode === undefined || environment === undefined ? `run ${run}` : `${mode} of ${environment}`;
  return `${what}: ${summary}`;
}

/** So that a demo is never taken for what was done to a cluster. */
export function modeWords({ mode, simulated }: RunReport): string | undefined {
  return simulated && mode !== undefined ? `simulated ${mode}` : mode;
}

const demoWords = "nothing was deployed: a simulated cluster, and its times";

/** Who did what, when, from where: labels and values. */
export function factsOf(report: RunReport): (readonly [label: string, value: string])[] {
  const { run, by, begun, durationMs, jobs, argv, resumes, stopped, tools = {}, standing } = report;
  const took = `${renderDuration(durationMs)}${hasEnded(standing) ? "" : ", to its last line"}`;
  const { handedOver } = notDeployed(report, report.commands[0]);
  const facts: (readonly [string, string | undefined])[] = [
    ["run", run],
    ["demo", report.simulated && demoWords],
    ["by", by && `${by.user} on ${by.host}${by.from === undefined ? "" : `, from ${by.from}`}`],
    ["begun", begun === undefined ? undefined : timeInWords(begun)],
    ["took", standing === "unreadable" ? undefined : took],
    ["ended", hasEnded(standing) && report.lastLine !== undefined ? timeInWords(report.lastLine) : undefined],
    ["side by side", jobs === undefined ? undefined : `at most ${counted(jobs, "step")}`],
    ["in", by?.cwd],
    ["goes on with", resumes],
    ["stopped", stopped],
    ["command", argv && ["charlie-mediawiki", ...argv].map(quoted).join(" ")],
    ...(handedOver ? [handedOver] : []),
    [
      "by way of",
      Object.entries(tools)
        .map(([tool, version]) => `${tool} ${version}`)
        .join(", "),
    ],
  ];
  return facts.flatMap(([label, value]) =>
    value === undefined || value === "" ? [] : [[label, plainLine(value)] as const],
  );
}

function hasEnded(standing: RunReport["standing"]): boolean {
  return standing === "complete" || standing === "failed" || standing === "interrupted";
}

/** `2026-10-05 11:00:00 UTC`. */
function timeInWords(iso: string): string {
  return iso.replace("T", " ").replace(/(\.\d+)?Z$/, " UTC");
}

/** How each stage went, with a head. What an earlier run has done is there, and not among what was skipped. */
export function stageRows(report: RunReport): string[][] {
  const { stages, commands } = report;
  const told = stages.map((stage) => {
    const earlier = doneEarlier(stage, report);
    return { ...stage.counts, skipped: stage.counts.skipped - earlier, "done-earlier": earlier };
  });
  const kinds = reportedOutcomes.flatMap((kind) =>
    kind === "succeeded" ? ([kind, "done-earlier"] as const) : [kind],
  );
  const shown = kinds.filter((kind) => told.some((counts) => counts[kind] > 0));
  const rows = stages.map((stage, at) => {
    const command = commands
      .find((one) => one.stage === stage.name)
      ?.command.map(quoted)
      .join(" ");
    return [
      plainLine(stage.name),
      command === undefined ? counted(stage.steps, "step") : plainLine(command, 80),
      stage.fromMs === undefined ? "" : renderDuration(stage.fromMs),
      spanWords(stage),
      ...shown.map((kind) => String(told[at]?.[kind] || "")),
    ];
  });
  return [["stage", "", "begun after", "took", ...shown.map(outcomeWord)], ...rows];
}

/** How many of a stage's steps and commands did not run as an earlier run has done them. */
export function doneEarlier(stage: ReportedStage, { steps, commands }: RunReport): number {
  const isOfStage = (work: ReportedStep | ReportedCommand) => work.stage === stage.name;
  const works = [...steps, ...commands].filter(isOfStage);
  return works.filter(({ outcome, reason = "" }) => outcome === "skipped" && isDoneEarlier(reason)).length;
}

/** What determined how long it took: the name, how long it ran, and why not sooner. */
export function pathRows({ criticalPath }: RunReport): string[][] {
  return criticalPath.map((part) => [
    partName(part),
    renderDuration(part.toMs - part.fromMs),
    [part.waitMs < 1000 ? "" : `${renderDuration(part.waitMs)} later`, whyThen[part.because]]
      .filter((words) => words !== "")
      .join(", "),
  ]);
}

const whyThen: Readonly<Record<PathPart["because"], string>> = {
  begin: "",
  needed: "",
  worker: "when a worker was free",
  turn: "when it was its turn",
};

/** A part of the critical path, or of the timeline, in words. */
function partName({ kind, id }: Pick<PathPart, "kind" | "id">): string {
  const name = plainLine(id);
  return kind === "step" ? name : kind === "gate" ? `gate ${name}` : `command of ${name}`;
}

/** Gates that were judged, or are waited for: first those that did not open, then those that were waited for longest. */
export function gateRows({ gates, durationMs }: RunReport): string[][] {
  const judged = gates.flatMap((gate) => {
    const waited = (gate.toMs ?? durationMs) - (gate.fromMs ?? durationMs);
    return gate.state === "not-judged" ? [] : [{ gate, waited, isOpen: Number(gate.state === "open") }];
  });
  return judged
    .sort((one, other) => one.isOpen - other.isOpen || other.waited - one.waited)
    .map(({ gate, waited }) => [
      plainLine(gate.id),
      gateWord(gate),
      renderDuration(waited),
      plainLine(gate.said.at(-1)?.text ?? ""),
    ]);
}

export function gateWord({ state }: Pick<ReportedGate, "state">): string {
  return { open: "opened", shut: "stayed shut", waiting: "waited for", "not-judged": "not judged" }[state];
}

/** An outcome for people. */
export function outcomeWord(outcome: ReportedOutcome | "done-earlier"): string {
  return outcome.replace("-", " ");
}

/** How long it took, from its begin to its end; empty where it has none. */
function spanWords({ fromMs, toMs }: { fromMs?: number; toMs?: number }): string {
  return fromMs === undefined || toMs === undefined ? "" : renderDuration(toMs - fromMs);
}

/** Steps and commands that did not come to an end of their own, by how that was and why. */
export interface HeldGroup {
  readonly outcome: ReportedOutcome;
  readonly reason: string;
  readonly ids: readonly string[];
}

export function heldGroups({ steps, commands }: RunReport): HeldGroup[] {
  const groups = new Map<string, { outcome: ReportedOutcome; reason: string; ids: string[] }>();
  const works = [...steps, ...commands.map((command) => ({ ...command, id: command.stage }))];
  for (const { id, outcome, reason = "" } of works) {
    if (outcome !== "blocked" && outcome !== "cancelled" && outcome !== "in-flight") continue;
    const key = `${outcome} ${reason}`;
    const group = groups.get(key) ?? { outcome, reason, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** A step, or the command of a stage, that failed. */
export interface FailedWork {
  readonly name: string;
  readonly reason: string;
  /** What was seen in the cluster that shows that no restart mends it. */
  readonly evidence: readonly string[];
  /** What else was seen in the cluster meanwhile: the last lines of it. */
  readonly seen: readonly string[];
  readonly lastLines: readonly string[];
  /** What kept the next try from beginning. */
  readonly notTriedAgain?: string;
  readonly attempts: number;
}

/** @param most with what was seen and the last lines of so many: there may be as many failures as steps */
export function failuresOf(
  { steps, commands }: RunReport,
  { most = Number.POSITIVE_INFINITY }: { readonly most?: number } = {},
): FailedWork[] {
  const works = [
    ...steps.map((step) => ({ ...step, name: partName({ kind: "step", id: step.id }) })),
    ...commands.map((command) => ({
      ...command,
      name: partName({ kind: "command", id: command.stage }),
      noticed: [],
    })),
  ];
  const failed = works.filter(({ outcome }) => outcome === "failed");
  return failed.map(({ name, reason = "", failure, noticed, attempts }, at) => {
    const { evidence = [], notTriedAgain } = failure ?? {};
    const lastLines = failure && "lastLines" in failure && at < most ? failure.lastLines : [];
    // Of an earlier attempt nothing stands in the failure.
    const from = attempts.at(-1)?.fromMs ?? 0;
    const isTold = (one: Noticed) => evidence.length > 0 && one.evidence.conclusive && one.ms >= from;
    const seen = at < most ? noticed.filter((one) => !isTold(one)) : [];
    return {
      name,
      reason: plainLine(reason),
      evidence: evidence.map((line) => plainLine(line)),
      seen: lastPieces(seen).map((line) => plainLine(line)),
      lastLines: withoutFrame(lastLines).map((line) => plainLine(line)),
      ...(notTriedAgain !== undefined && { notTriedAgain: plainLine(notTriedAgain) }),
      attempts: attempts.length,
    };
  });
}

/** Of what was seen the last pieces, each with its head: half of a log does not say whose it is. */
function lastPieces(noticed: readonly Noticed[]): readonly string[] {
  const pieces = noticed.map((one) => {
    const [head = "", ...rest] = noticedLines(one);
    return rest.length > shownOfPiece ? [head, "  …", ...rest.slice(-shownOfPiece)] : [head, ...rest];
  });
  let from = pieces.length;
  for (let lines = 0; from > 0; from--) {
    lines += pieces[from - 1]?.length ?? 0;
    if (lines > shownLines) break;
  }
  return [...(from > 0 ? [`… ${from} seen before`] : []), ...pieces.slice(from).flat()];
}

/** The last lines, and how many there are before them. */
export function lastOf(lines: readonly string[], most: number): readonly string[] {
  const left = lines.length - most;
  return left > 0 ? [`… ${counted(left, "line")} before`, ...lines.slice(-most)] : lines;
}

/** What is left out, counted by reason, and what could not be read. */
export function excludedLines(report: RunReport): string[] {
  const { leftOut } = notDeployed(report, report.commands[0]);
  const byReason = leftOut.map(({ reason, names }) => `${firstOf(names, 4)}: ${reason}`);
  const unread = report.unreadable.map(({ service, message }) => `${service} could not be read: ${message}`);
  return [...byReason, ...unread].map((line) => plainLine(line));
}

/** Of a long table the first and the last rows, and how many are between. */
export function middleLeftOut(rows: readonly string[][]): readonly string[][] {
  if (rows.length <= shownRows) return rows;
  const [head, tail] = [rows.slice(0, shownRows / 2), rows.slice(-shownRows / 2)];
  return [...head, [`… ${rows.length - shownRows} more …`], ...tail];
}

/** Of a long table the first rows, and how many there are behind them. */
export function firstRows(rows: readonly string[][]): readonly string[][] {
  if (rows.length <= shownRows) return rows;
  return [...rows.slice(0, shownRows), [`… ${rows.length - shownRows} more`]];
}
