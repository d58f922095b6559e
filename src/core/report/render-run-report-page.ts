import { plainLine } from "../common/plain-line.ts";
import { counted, renderDuration } from "../common/words.ts";
import { embeddedJson, html, htmlLines, Markup } from "./html.ts";
import { wideFrom } from "./report-limits.ts";
import { pageScript, pageStyle } from "./report-page-assets.ts";
import { axis, percent, tickMs } from "./report-page-axis.ts";
import { overview } from "./report-page-overview.ts";
import { timelineBodies } from "./report-page-timeline.ts";
import { type RunReport, reportedOutcomes } from "./run-report.ts";
import {
  excludedLines,
  type FailedWork,
  factsOf,
  failuresOf,
  headlineOf,
  heldGroups,
  modeWords,
  outcomeWord,
  pathRows,
} from "./run-report-words.ts";

/**
 * What happened in a run as one page that needs nothing else: no network, no other file. Without JavaScript all of it can
 * be read but the particulars of steps that did not fail.
 *
 * @param options.sha256 the digest of a text in base64, as a content security policy names it
 */
export function renderRunReportPage(
  report: RunReport,
  { sha256 }: { readonly sha256: (text: string) => string },
): string {
  const tick = percent(tickMs(report.durationMs), report.durationMs);
  const style = `${pageStyle}:root{--tick:${tick}%}`;
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${sha256(style)}'`,
    `script-src 'sha256-${sha256(pageScript)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${headlineOf(report)}</title>
<style>${new Markup(style)}</style>
</head>
<body>
${head(report)}
<main>
${toDo(report)}${failures(report)}${held(report)}${timeline(report)}<div class="columns">
${path(report)}${slowest(report)}</div>
${list("Not deployed", excludedLines(report))}${list("What the journal does not say", report.missing)}</main>
<script type="application/json" id="report">${embeddedJson(report)}</script>
<script>${new Markup(pageScript)}</script>
</body>
</html>`.text;
}

function head(report: RunReport): Markup {
  const { environment, run, summary, standing } = report;
  const mode = modeWords(report);
  const title =
    mode === undefined || environment === undefined
      ? html`Run ${run}`
      : html`${mode} of <b>${environment}</b>`;
  const facts = factsOf(report).map(
    ([
      label,
      value,
    ]) => html`<div${value.length > wideFrom ? wide : ""}><dt>${label}</dt><dd>${value}</dd></div>
`,
  );
  return html`<header>
<h1>${title}</h1>
<p class="standing ${standing}">${summary}</p>
<dl>
${facts}</dl>
</header>`;
}

const wide = html` class="wide"`;

function toDo({ next }: RunReport): Markup | string {
  const { remedies, resume } = next;
  if (remedies.length === 0 && resume === undefined) return "";
  const items = remedies.map((remedy) => html`<li>${remedy}</li>`);
  const command = resume === undefined ? "" : html`<pre tabindex="0">${resume}</pre>`;
  return html`<section aria-labelledby="to-do"><h2 id="to-do">To do</h2>${items.length === 0 ? "" : html`<ul>${items}</ul>`}${command}</section>
`;
}

function failures(report: RunReport): Markup | string {
  const failed = failuresOf(report);
  if (failed.length === 0) return "";
  return html`<section aria-labelledby="failed"><h2 id="failed">Failed <span class="count">${failed.length}</span></h2>
${failed.map(failure)}</section>
`;
}

function failure(failed: FailedWork): Markup {
  const { name, reason, evidence, seen, lastLines, notTriedAgain, attempts } = failed;
  const tries = attempts > 1 ? html` <span class="tries">${counted(attempts, "attempt")}</span>` : "";
  const parts = [
    linesUnder("Why no restart mends it", evidence),
    linesUnder("Seen in the cluster", seen),
    linesUnder("Last lines", lastLines),
    linesUnder("Why it was not tried again", notTriedAgain === undefined ? [] : [notTriedAgain]),
  ];
  return html`<details class="failure"><summary><b>${name}</b>${tries} <span class="reason">${reason}</span></summary>${parts}</details>
`;
}

function linesUnder(title: string, lines: readonly string[]): Markup {
  return lines.length === 0 ? html`` : html`<h3>${title}</h3><pre tabindex="0">${htmlLines(lines)}</pre>`;
}

function held(report: RunReport): Markup | string {
  const groups = heldGroups(report);
  if (groups.length === 0) return "";
  const items = groups.map(({ outcome, reason, ids }) => {
    const names = ids.length > 8 ? [...ids.slice(0, 8), `${ids.length - 8} more`] : ids;
    return html`<li><b class="${outcome}">${outcomeWord(outcome)}</b> ${names.join(", ")}${reason === "" ? "" : html` <span class="reason">${reason}</span>`}</li>
`;
  });
  return html`<section aria-labelledby="held"><h2 id="held">Not run to its end</h2><ul class="held">
${items}</ul></section>
`;
}

function timeline(report: RunReport): Markup | string {
  if (report.stages.length === 0) return "";
  return html`<section class="timeline" aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
${overview(report)}
${toolbar(report)}
<table role="table" aria-labelledby="timeline">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">namespace</th><th scope="col" role="columnheader">step</th><th scope="col" role="columnheader">outcome</th><th scope="col" role="columnheader" class="took">took</th><th scope="col" role="columnheader" class="time"><span class="away">when</span>${axis(report.durationMs)}</th></tr></thead>
${timelineBodies(report)}</table>
<p class="legend"><span class="flag">◆</span> on the critical path: what determined how long it took. A thin line between two bars: waiting for another attempt. A rhombus: a gate, with the wait for it.</p>
</section>
`;
}

/** Shown only where the script runs, which makes it work. */
function toolbar({ counts }: RunReport): Markup {
  const toggles = reportedOutcomes
    .filter((outcome) => counts[outcome] > 0)
    .map(
      (outcome) =>
        html`<button type="button" class="${outcome}" data-outcome="${outcome}" aria-pressed="false"><span class="dot"></span>${outcomeWord(outcome)} <span class="count">${counts[outcome]}</span></button>`,
    );
  return html`<div class="toolbar" role="search" aria-label="Filter the timeline" hidden><input type="search" placeholder="Filter by name, namespace, reason" aria-label="Filter by name, namespace, release or reason" autocomplete="off" spellcheck="false">${toggles}<button type="button" class="path" data-critical aria-pressed="false"><span class="flag">◆</span>critical path</button><output></output></div>`;
}

function path(report: RunReport): Markup | string {
  const rows = pathRows(report);
  if (rows.length === 0) return "";
  const items = rows.map(
    ([
      name = "",
      took = "",
      why = "",
    ]) => html`<tr><th scope="row">${name}</th><td class="took">${took}</td><td>${why}</td></tr>
`,
  );
  return html`<section aria-labelledby="path"><h2 id="path">Critical path</h2><table class="plain">
${items}</table></section>
`;
}

function slowest({ slowest: steps }: RunReport): Markup | string {
  if (steps.length === 0) return "";
  const items = steps.map(
    ({ step, ms }) => html`<tr><th scope="row">${step}</th><td class="took">${renderDuration(ms)}</td></tr>
`,
  );
  return html`<section aria-labelledby="slowest"><h2 id="slowest">Slowest</h2><table class="plain">
${items}</table></section>
`;
}

function list(title: string, lines: readonly string[]): Markup | string {
  if (lines.length === 0) return "";
  const items = lines.map((line) => html`<li>${plainLine(line)}</li>`);
  return html`<section><h2>${title}</h2><ul>${items}</ul></section>
`;
}
