import { plainLine } from "../common/plain-line.ts";
import { counted, firstOf, renderDuration, renderTable } from "../common/words.ts";
import type { RunReport } from "./run-report.ts";
import {
  type FailedWork,
  factsOf,
  failuresOf,
  gateRows,
  headlineOf,
  heldGroups,
  outcomeWord,
  pathRows,
  stageRows,
} from "./run-report-words.ts";

/** So many of the last lines of a failed step are shown. */
const shownLines = 15;

/** So many parts of the critical path, and so many gates, are shown. */
const shownRows = 16;

/** A command that is cut off cannot be typed: longer than any. */
export const longestCommand = 20_000;

/** So many failures are shown with their last lines. */
export const shownFailures = 20;

/** What happened in a run, for people. */
export function renderRunReport(report: RunReport): string {
  const { stages, slowest, next, missing } = report;
  const sections = [
    [plainLine(headlineOf(report)), ...indented(renderTable(factsOf(report)))],
    stages.length === 0 ? [] : renderTable(stageRows(report)),
    ...failuresOf(report, { most: shownFailures }).map(failureLines),
    heldGroups(report).map(
      ({ outcome, reason, ids }) =>
        `${outcomeWord(outcome)}: ${firstOf(
          ids.map((id) => plainLine(id)),
          6,
        )}${reason === "" ? "" : ` (${plainLine(reason)})`}`,
    ),
    titled("gates", renderTable(firstRows(gateRows(report)))),
    titled("critical path: what determined how long it took", renderTable(middleLeftOut(pathRows(report)))),
    titled("slowest", renderTable(slowest.map(({ step, ms }) => [plainLine(step), renderDuration(ms)]))),
    titled("not deployed", excludedLines(report)),
    titled(
      "what the journal does not say",
      missing.map((line) => plainLine(line)),
    ),
    titled("to do", [
      ...next.remedies.map((line) => plainLine(line)),
      ...(next.resume === undefined ? [] : [plainLine(next.resume, longestCommand)]),
    ]),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function failureLines({ name, reason, lastLines, evidence, attempts }: FailedWork): string[] {
  const tries = attempts > 1 ? ` (${counted(attempts, "attempt")})` : "";
  const left = lastLines.length - shownLines;
  const more = left > 0 ? [`  | … ${counted(left, "line")} before`] : [];
  return [
    `failed: ${name}${tries}: ${reason}`,
    ...indented(evidence),
    ...more,
    ...lastLines.slice(-shownLines).map((line) => `  | ${line}`),
  ];
}

/** What is left out, counted by reason, and what could not be read. */
export function excludedLines({ excluded, unreadable }: RunReport): string[] {
  const groups = new Map<string, string[]>();
  for (const { release, reason } of excluded) groups.set(reason, [...(groups.get(reason) ?? []), release]);
  return [
    ...[...groups].map(([reason, releases]) => plainLine(`${firstOf(releases, 4)}: ${reason}`)),
    ...unreadable.map(({ service, message }) => plainLine(`${service} could not be read: ${message}`)),
  ];
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

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...indented(lines)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
