import { block, bullets, code, prose, shellBlock, table } from "../common/markdown.ts";
import { plainLine } from "../common/plain-line.ts";
import { counted, firstOf, renderDuration } from "../common/words.ts";
import { renderNotTriedAgain } from "../helmfile-output/describe-failure.ts";
import { longestCommand, shownFailures } from "./report-limits.ts";
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
  middleLeftOut,
  outcomeWord,
  pathRows,
  stageRows,
} from "./run-report-words.ts";

/** What happened in a run as Markdown, for a ticket or a wiki: whatever names and logs hold, it stays text. */
export function renderRunReportMarkdown(report: RunReport): string {
  const { slowest, next, missing } = report;
  const path = middleLeftOut(pathRows(report));
  const sections = [
    [
      `# ${said(headlineOf(report))}`,
      bullets(factsOf(report).map(([label, value]) => `${label}: ${code(value)}`)),
    ],
    section("Stages", tableOf(stageRows(report))),
    ...failuresOf(report, { most: shownFailures }).map(failure),
    section("Not run", heldItems(report)),
    section("Gates", tableOf([["gate", "", "waited for", "because"], ...firstRows(gateRows(report))])),
    section("Critical path", tableOf([["what determined how long it took", "took", "begun"], ...path])),
    section("Slowest", bullets(slowest.map(({ step, ms }) => `${name(step)}: ${renderDuration(ms)}`))),
    section("Not deployed", bullets(excludedLines(report).map(said))),
    section("What the journal does not say", bullets(missing.map(said))),
    section("To do", bullets(next.remedies.map(said))),
    next.resume === undefined ? [] : [shellBlock([plainLine(next.resume, longestCommand)])],
  ];
  return sections.flat().join("\n\n");
}

function section(title: string, text: string): string[] {
  return text === "" ? [] : [`## ${title}`, text];
}

/** Empty where there is nothing but the head. */
function tableOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  return table(
    head,
    rows.map((row) => head.map((_, at) => said(row[at] ?? ""))),
  );
}

function failure(failed: FailedWork): string[] {
  const { reason, evidence, seen, lastLines, attempts } = failed;
  const tries = attempts > 1 ? ` (${counted(attempts, "attempt")})` : "";
  return [
    `## Failed: ${said(failed.name)}${tries}`,
    said(reason),
    ...(evidence.length === 0 ? [] : [block(evidence)]),
    ...(seen.length === 0 ? [] : ["Seen in the cluster:", block(seen)]),
    ...(lastLines.length === 0 ? [] : [block(lastLines)]),
    ...renderNotTriedAgain(failed).map(said),
  ];
}

function heldItems(report: RunReport): string {
  const items = heldGroups(report).map(({ outcome, reason, ids }) => {
    const why = reason === "" ? "" : `: ${said(reason)}`;
    return `${outcomeWord(outcome)}: ${said(firstOf(ids, 6))}${why}`;
  });
  return bullets(items);
}

function name(text: string): string {
  return code(plainLine(text));
}

function said(text: string): string {
  return prose(plainLine(text));
}
