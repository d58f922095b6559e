import { renderDuration } from "../common/words.ts";
import { html, type Markup } from "./html.ts";
import { clock, percent } from "./report-page-axis.ts";
import { criticalKeys, keyOf } from "./run-critical-path.ts";
import type {
  ReportedCommand,
  ReportedGate,
  ReportedOutcome,
  ReportedStage,
  ReportedStep,
  ReportedWork,
  RunReport,
} from "./run-report.ts";
import { doneEarlier, gateWord, outcomeWord } from "./run-report-words.ts";

/** What a row of the timeline is about, as its `id` names it: `s0` is the first step, `g0` a gate, `c0` a command. */
interface Row {
  readonly key: string;
  readonly name: string;
  readonly namespace: string;
  readonly outcome: string;
  /** What its colour and sign go by. */
  readonly look: ReportedOutcome | "gate-open" | "gate-shut";
  readonly fromMs?: number;
  readonly took: string;
  /** Shown where there are no bars. */
  readonly reason: string;
  readonly bars: readonly Bar[];
  readonly critical: boolean;
}

interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  /** Nothing says when it ended. */
  readonly open: boolean;
  readonly title: string;
}

/** The rows of the timeline, stage by stage: a head, then steps by namespace and begin, gates, the command. */
export function timelineBodies(report: RunReport): Markup[] {
  const critical = criticalKeys(report);
  const steps = report.steps.map((step, at) => ({
    stage: step.stage,
    row: stepRow(step, at, report, critical),
  }));
  const gates = report.gates.flatMap((gate, at) =>
    gate.state === "not-judged" ? [] : [{ stage: gate.stage, row: gateRow(gate, at, report, critical) }],
  );
  const commands = report.commands.map((command, at) => ({
    stage: command.stage,
    row: commandRow(command, at, report, critical),
  }));
  const rowsOf = new Map<string, Row[]>(report.stages.map(({ name }) => [name, []]));
  for (const { stage, row } of inOrder([...steps, ...gates])) rowsOf.get(stage)?.push(row);
  for (const { stage, row } of commands) rowsOf.get(stage)?.push(row);
  return report.stages.map((stage) => stageBody(stage, rowsOf.get(stage.name) ?? [], report));
}

type Placed = { readonly stage: string; readonly row: Row };

/** Namespaces by their first begin, else as the plan has them, and within one by begin; what was not begun comes last. */
function inOrder(placed: readonly Placed[]): readonly Placed[] {
  const begin = ({ fromMs = Number.POSITIVE_INFINITY }: Row) => fromMs;
  const groups = new Map<string, { place: number; begin: number }>();
  const groupOf = ({ stage, row }: Placed) => `${stage} ${row.namespace}`;
  for (const one of placed) {
    const group = groups.get(groupOf(one)) ?? { place: groups.size, begin: Number.POSITIVE_INFINITY };
    group.begin = Math.min(group.begin, begin(one.row));
    groups.set(groupOf(one), group);
  }
  const sorted = placed.map((one) => ({ ...one, group: groups.get(groupOf(one)) ?? { place: 0, begin: 0 } }));
  return sorted.sort(
    (one, other) =>
      compare(one.group.begin, other.group.begin) ||
      one.group.place - other.group.place ||
      compare(begin(one.row), begin(other.row)),
  );
}

/** Also of two that are infinite. */
function compare(one: number, other: number): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function stepRow(step: ReportedStep, at: number, report: RunReport, critical: ReadonlySet<string>): Row {
  const namespace =
    step.namespaces.length > 2 ? `${step.namespaces.length} namespaces` : step.namespaces.join(", ");
  return {
    key: `s${at}`,
    name: step.id,
    namespace,
    critical: critical.has(keyOf("step", step.id)),
    ...workRow(step, report),
  };
}

function commandRow(
  command: ReportedCommand,
  at: number,
  report: RunReport,
  critical: ReadonlySet<string>,
): Row {
  return {
    key: `c${at}`,
    name: command.command.join(" "),
    namespace: "",
    critical: critical.has(keyOf("command", command.stage)),
    ...workRow(command, report),
  };
}

function workRow(work: ReportedWork, report: RunReport) {
  const { outcome, fromMs, attempts, reason = "", workMs } = work;
  const bars = attempts.map((attempt, at): Bar => {
    const toMs = attempt.toMs ?? attempts[at + 1]?.fromMs ?? report.durationMs;
    const which = attempts.length > 1 ? `, attempt ${at + 1} of ${attempts.length}` : "";
    const title = `${clock(attempt.fromMs)} to ${attempt.toMs === undefined ? "?" : clock(toMs)}${which}`;
    return { fromMs: attempt.fromMs, toMs, open: attempt.toMs === undefined, title };
  });
  return {
    outcome: outcomeWord(outcome),
    look: outcome,
    ...(fromMs !== undefined && { fromMs }),
    took: workMs > 0 ? renderDuration(workMs) : "",
    reason,
    bars,
  };
}

function gateRow(gate: ReportedGate, at: number, report: RunReport, critical: ReadonlySet<string>): Row {
  const { fromMs = report.durationMs, toMs = report.durationMs, state } = gate;
  const title = `${clock(fromMs)} to ${gate.toMs === undefined ? "?" : clock(toMs)}: ${gateWord(gate)}`;
  return {
    key: `g${at}`,
    name: `gate ${gate.id}`,
    namespace: gate.namespace ?? "",
    outcome: gateWord(gate),
    look: state === "shut" ? "gate-shut" : "gate-open",
    fromMs,
    took: renderDuration(toMs - fromMs),
    reason: "",
    bars: [{ fromMs, toMs, open: state === "waiting", title }],
    critical: critical.has(keyOf("gate", gate.id)),
  };
}

function stageBody(stage: ReportedStage, rows: readonly Row[], report: RunReport): Markup {
  const { name, fromMs, toMs, counts } = stage;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const earlier = doneEarlier(stage, report);
  const done = `${counts.succeeded + counts.skipped} of ${all}${earlier > 0 ? ` (${earlier} earlier)` : ""}`;
  const span: Bar[] =
    fromMs === undefined ? [] : [{ fromMs, toMs: toMs ?? report.durationMs, open: false, title: name }];
  const took = span.map((bar) => html`${renderDuration(bar.toMs - bar.fromMs)}`);
  const marked = rows.map((row, at) =>
    rowOf(row, row.namespace !== rows[at - 1]?.namespace, report.durationMs),
  );
  const stageRow = html`<tr class="stage" role="row"><th scope="rowgroup" role="rowheader" colspan="2">${name}</th><td role="cell" class="outcome">${done}</td><td role="cell" class="took">${took}</td><td role="cell" class="time">${svgOf(span, report.durationMs)}</td></tr>
`;
  return bodies([stageRow, ...marked]);
}

/** So many rows are laid out together, when they come into view. */
const bodyRows = 100;

function bodies(rows: readonly Markup[]): Markup {
  const parts: Markup[] = [];
  for (let at = 0; at < rows.length; at += bodyRows) {
    const some = rows.slice(at, at + bodyRows);
    parts.push(html`<tbody role="rowgroup"${some.length === bodyRows ? full : ""}>${some}</tbody>
`);
  }
  return html`${parts}`;
}

const full = html` class="full"`;

function rowOf(row: Row, isNew: boolean, durationMs: number): Markup {
  const { key, look, critical, name, namespace, outcome, took, reason, bars } = row;
  const flag = critical
    ? [html`<span class="flag" title="on the critical path">◆<span class="away"> critical</span></span>`]
    : [];
  const shown = isNew ? html`${namespace}` : html`<span class="away">${namespace}</span>`;
  const cell = bars.length === 0 ? html`<span class="why">${reason}</span>` : svgOf(bars, durationMs, row);
  const title = bars.length === 0 ? reason : bars.map((bar) => bar.title).join("; ");
  return html`<tr id="${key}" class="${look}${critical ? " critical" : ""}" role="row"><td role="cell" class="namespace">${shown}</td><th scope="row" role="rowheader"><span class="name">${name}</span>${flag}</th><td role="cell" class="outcome">${outcome}</td><td role="cell" class="took">${took}</td><td role="cell" class="time" title="${title}">${cell}</td></tr>
`;
}

/** Narrower bars would not be seen. */
const leastPercent = 0.4;

/** Bars at their place, and between two attempts of a step a thin line. */
function svgOf(bars: readonly Bar[], durationMs: number, row?: Row): Markup {
  const at = (ms: number) => percent(ms, durationMs);
  const drawn = bars.map((bar) => {
    const width = Math.max(leastPercent, (100 * (bar.toMs - bar.fromMs)) / Math.max(1, durationMs));
    return html`<rect class="bar${bar.open ? " open" : ""}" x="${at(bar.fromMs)}%" width="${width.toFixed(2)}%" y="3" height="10" rx="2"/>`;
  });
  const [first] = bars;
  const last = bars.at(-1);
  const waits =
    first && last && bars.length > 1
      ? [html`<line class="wait" x1="${at(first.fromMs)}%" x2="${at(last.toMs)}%" y1="8" y2="8"/>`]
      : [];
  const gate =
    row?.look.startsWith("gate") && last
      ? [html`<svg class="mark" x="${at(last.toMs)}%"><path d="M0 2l6 6-6 6-6-6z"/></svg>`]
      : [];
  return html`<svg>${waits}${drawn}${gate}</svg>`;
}
