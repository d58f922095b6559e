import { counted, renderSeconds } from "../common/words.ts";
import { describeFailure, renderNotTriedAgain } from "../helmfile-output/describe-failure.ts";
import type { Stage } from "../plan/plan.ts";
import { renderGroups } from "../plan/render-plan.ts";
import { isDoneKind, type StepOutcome } from "../rollout/outcome.ts";
import { renderTimeLeft } from "../rollout/time-left.ts";
import { fitLine, lineWidth, padLine } from "./fit-line.ts";
import type { ProgressView, RunningPart } from "./progress-view.ts";
import { shareRows, type ViewSection } from "./view-sections.ts";

/** What begins a line of the view that is not as all others are. */
export const viewMarks = { done: "✔", current: ">", failed: "✖", warning: "!" } as const;

/**
 * A rollout as it stands now, for the last lines of a screen of this size: never wider than it, and never so high that
 * nothing else has room. What does not fit is counted.
 *
 * @param screen.nowMs on the clock that the view's events were told by
 */
export function renderProgress(
  view: ProgressView,
  { columns, rows, nowMs }: { readonly columns: number; readonly rows: number; readonly nowMs: number },
): string[] {
  // A line that ends at the edge is broken there by some terminals.
  const width = columns - 1;
  const most = Math.min(rows - 3, Math.round(rows * 0.7));
  if (width < 1 || rows < 1) return [];
  const header = headerOf(view, width, nowMs);
  const room = most - header.length - 1;
  if (room < 1) return header.slice(0, Math.max(1, most)).map((line) => fitLine(line, width));
  const sections = [stagesOf(view), runningOf(view, width, nowMs), waitingOf(view, nowMs), troublesOf(view)];
  const lines = ["─".repeat(width), ...header, ...shareRows(sections, room)];
  return lines.map((line) => fitLine(line, width));
}

/** One line, or two where it is too wide; the counts count more than what they are of. */
function headerOf(view: ProgressView, width: number, nowMs: number): string[] {
  const { plan, stopping } = view;
  const kinds = countKinds([...view.outcomes.values()]);
  const left = view.timeLeft(nowMs);
  const counts = [
    `${doneCount(kinds)} of ${counted(plan.steps.length, "step")}`,
    ...troubleCounts(kinds),
  ].join(", ");
  const times = [
    renderSeconds(view.elapsed(nowMs)),
    ...(left === undefined ? [] : [renderTimeLeft(left)]),
    ...(stopping === undefined ? [] : [`stopping: ${stopping}`]),
  ].join(", ");
  const where = `${plan.mode} of ${plan.environment}: ${counts}`;
  const both = `${where}; ${times}`;
  if (lineWidth(both) <= width) return [both];
  return [lineWidth(where) <= width ? where : counts, times];
}

type Counts = Readonly<Record<StepOutcome["kind"], number>>;

function countKinds(outcomes: readonly (StepOutcome | undefined)[]): Counts {
  const counts = { succeeded: 0, failed: 0, blocked: 0, skipped: 0, cancelled: 0 };
  for (const outcome of outcomes) if (outcome) counts[outcome.kind] += 1;
  return counts;
}

/** What failed, was blocked or cancelled is counted beside it, and is no progress. */
function doneCount(counts: Counts): number {
  return counts.succeeded + counts.skipped;
}

function troubleCounts(counts: Counts): string[] {
  return (["failed", "blocked", "cancelled"] as const).flatMap((kind) =>
    counts[kind] > 0 ? [`${counts[kind]} ${kind}`] : [],
  );
}

/** All stages in their order; where there is no room for all, those around the one that runs. */
function stagesOf(view: ProgressView): ViewSection {
  const { stages } = view.plan;
  const running = new Set(view.running.map(({ id }) => id));
  const nameWidth = Math.min(20, Math.max(0, ...stages.map(({ name }) => name.length)));
  const countWidth = Math.max(0, ...stages.map(({ steps }) => String(steps.length).length));
  const rows = stages.map((stage) => {
    const [mark, what] = stage.run
      ? commandRow(stage, stage.run, { view, running })
      : stepsRow(stage, { view, running, countWidth });
    return { mark, line: `${mark} ${padLine(stage.name, nameWidth)}  ${what}` };
  });
  const marked = rows.findIndex(({ mark }) => mark === viewMarks.current);
  const begun = rows.findLastIndex(({ mark }) => mark !== " ");
  const current = marked === -1 ? Math.max(0, begun) : marked;
  return {
    wants: 8,
    lines: rows.map(({ line }) => line),
    cut: (lines, room) => {
      if (room < 2) return [lines[current] ?? ""];
      const from = Math.max(0, Math.min(current, lines.length - (room - 1)));
      return [
        ...lines.slice(from, from + room - 1),
        `  and ${counted(lines.length - room + 1, "more stage")}`,
      ];
    },
  };
}

interface StageRowContext {
  readonly view: ProgressView;
  readonly running: ReadonlySet<string>;
}

function stepsRow(
  { steps }: Stage,
  { view, running, countWidth }: StageRowContext & { readonly countWidth: number },
): [mark: string, what: string] {
  const counts = countKinds(steps.map((id) => view.outcomes.get(id)));
  const runs = steps.filter((id) => running.has(id)).length;
  const done = doneCount(counts);
  const troubles = troubleCounts(counts);
  const left = steps.length - done - counts.failed - counts.blocked - counts.cancelled;
  const what = [
    `${String(done).padStart(countWidth)} of ${steps.length}`,
    ...(runs > 0 ? [`${runs} running`] : []),
    ...troubles,
  ].join(", ");
  if (runs > 0) return [viewMarks.current, what];
  if (counts.failed > 0) return [viewMarks.failed, what];
  if (troubles.length > 0) return [viewMarks.warning, what];
  return [left === 0 ? viewMarks.done : " ", what];
}

function commandRow(
  { name }: Stage,
  command: readonly string[],
  { view, running }: StageRowContext,
): [mark: string, what: string] {
  const words = command.join(" ");
  const outcome = view.commands.get(name);
  if (running.has(name)) return [viewMarks.current, words];
  if (!outcome) return [" ", words];
  if (isDoneKind(outcome.kind)) return [viewMarks.done, `${outcome.kind}: ${words}`];
  const mark = outcome.kind === "failed" ? viewMarks.failed : viewMarks.warning;
  return [mark, `${outcome.kind}: ${words}`];
}

/** Where there is no room for all, those that have run longest, each in its place. */
function runningOf(view: ProgressView, width: number, nowMs: number): ViewSection {
  const { running } = view;
  const title = `running ${running.length}:`;
  return {
    wants: 6,
    lines: running.length === 0 ? [] : [title, ...runningRows(running, { view, width, nowMs })],
    cut: (_, room) => {
      const ids = running.map(({ id }) => id);
      if (room < 3) return [`${title} ${ids.join(", ")}`];
      const longest = running.toSorted((one, other) => one.since - other.since).slice(0, room - 2);
      const shown = running.filter((part) => longest.includes(part));
      const more = `  and ${running.length - shown.length} more`;
      return [title, ...runningRows(shown, { view, width, nowMs }), more];
    },
  };
}

/** "25 s of 9 s" would read like a mistake. */
function besideElapsed(elapsedMs: number, expectedMs: number): string {
  const expected = renderSeconds(expectedMs);
  return elapsedMs > expectedMs ? `, expected ${expected}` : ` of ${expected}`;
}

function runningRows(
  parts: readonly RunningPart[],
  { view, width, nowMs }: { readonly view: ProgressView; readonly width: number; readonly nowMs: number },
): string[] {
  const times = parts.map(({ id, since }) => {
    const expected = view.expected(id);
    const elapsed = renderSeconds(Math.max(0, nowMs - since));
    return expected === undefined ? elapsed : `${elapsed}${besideElapsed(nowMs - since, expected)}`;
  });
  const timeWidth = Math.max(0, ...times.map(({ length }) => length));
  const longestId = Math.max(0, ...parts.map(({ id }) => lineWidth(id)));
  const idWidth = Math.max(8, Math.min(longestId, Math.floor(width * 0.45), width - timeWidth - 4));
  return parts.map(({ id, note, isTroubled }, at) => {
    const mark = isTroubled ? viewMarks.warning : " ";
    const row = `${mark} ${padLine(id, idWidth)}  ${(times[at] ?? "").padEnd(timeWidth)}`;
    // A few letters of it would say nothing.
    const room = width - lineWidth(row) - 2;
    return room < 10 ? row : `${row}  ${fitLine(note, room)}`.trimEnd();
  });
}

function waitingOf(view: ProgressView, nowMs: number): ViewSection {
  const gates = [...view.waitingGates].map(([id, reason]) => `  gate ${id}: ${reason}`);
  const retries = [...view.retries].map(([id, { at, reason }]) => {
    const left = at - nowMs;
    const when = left > 0 ? `in ${renderSeconds(left)}` : "as soon as there is room";
    return `  ${id}: tried again ${when}, as ${reason}`;
  });
  const rows = [...gates, ...retries];
  const title = `waiting ${rows.length}:`;
  return {
    wants: 3,
    lines: rows.length === 0 ? [] : [title, ...rows],
    cut: (_, room) => {
      if (room < 3) return [`${title} ${(rows[0] ?? "").trim()}`];
      return [title, ...rows.slice(0, room - 2), `  and ${rows.length - room + 2} more`];
    },
  };
}

/** In the order in which they came; where there is no room for all, failures go before what they blocked, new ones first. */
function troublesOf(view: ProgressView): ViewSection {
  const ended = [...view.outcomes, ...view.commands];
  const failed = ended.flatMap(([id, outcome]) =>
    outcome.kind === "failed" ? [`${viewMarks.failed} ${id}: ${causeOf(outcome)}`] : [],
  );
  const shut = [...view.shutGates].map(
    ([id, reason]) => `${viewMarks.warning} gate ${id} stays shut: ${reason}`,
  );
  const held = ended.flatMap(([id, outcome]) =>
    outcome.kind === "blocked" || outcome.kind === "cancelled"
      ? [{ id, what: outcome.kind, why: outcome.reason }]
      : [],
  );
  const groups = renderGroups(held).map((line) => `${viewMarks.warning} ${line}`);
  const lines = [...failed, ...shut, ...groups];
  return {
    wants: 6,
    lines,
    cut: (_, room) => {
      if (room < 2) return [failed.at(-1) ?? lines[0] ?? ""];
      const rest = [...shut, ...groups];
      const roomForRest = room > 3 ? Math.min(1, rest.length) : 0;
      const shownFailed = failed.slice(-(room - 1 - roomForRest));
      const others = rest.slice(0, room - 1 - shownFailed.length);
      return [...shownFailed, ...others, `  and ${lines.length - shownFailed.length - others.length} more`];
    },
  };
}

/** What shows that no restart mends it says more than helm's own words. */
function causeOf({ failure }: Extract<StepOutcome, { kind: "failed" }>): string {
  return [failure.evidence?.[0] ?? describeFailure(failure), ...renderNotTriedAgain(failure)].join("; ");
}
