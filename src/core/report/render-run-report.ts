import { plainLine } from "../common/plain-line.ts";
import { counted, firstOf, renderDuration, renderTable } from "../common/words.ts";
import { renderNotTriedAgain } from "../helmfile-output/describe-failure.ts";
import { longestCommand, shownFailures, shownLines } from "./report-limits.ts";
import type { RunReport } from "./run-report.ts";
import {
  excludedLines,
  type FailedWork,
  factsOf,
  failuresOf,
  firstRows,
  gateRows,
  headlineOf,
  heldGroups,
  lastOf,
  middleLeftOut,
  outcomeWord,
  pathRows,
  stageRows,
} from "./run-report-words.ts";

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

function failureLines(failed: FailedWork): string[] {
  const { name, reason, evidence, seen, lastLines, attempts } = failed;
  const tries = attempts > 1 ? ` (${counted(attempts, "attempt")})` : "";
  return [
    `failed: ${name}${tries}: ${reason}`,
    ...indented(evidence),
    ...indented(titled("seen in the cluster", seen)),
    ...lastOf(lastLines, shownLines).map((line) => `  | ${line}`),
    ...indented(renderNotTriedAgain(failed)),
  ];
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...indented(lines)];
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
