import { plainLine } from "../core/common/plain-line.ts";
import { quoted, renderDuration } from "../core/common/words.ts";
import { withoutFrame } from "../core/helmfile-output/helmfile-frame.ts";
import { noticedLines } from "../core/report/noticed-lines.ts";
import { longestCommand, wideFrom } from "../core/report/report-limits.ts";
import type { ReportedCommand, ReportedGate, ReportedStep, ReportedWork } from "../core/report/run-report.ts";

/** What is known of a step, a gate or the command of a stage. Whatever it holds is set as text. */
export function detailOf(subject: ReportedStep | ReportedGate | ReportedCommand): HTMLElement {
  const box = document.createElement("div");
  box.append(...("command" in subject ? partsOfWork(subject) : partsOfGate(subject)));
  return box;
}

function partsOfGate({ state, said, steps, holds, namespace, fromMs, toMs }: ReportedGate): HTMLElement[] {
  return [
    facts([
      ["gate", state],
      ["namespace", namespace ?? ""],
      ["waits for", steps.join(", ")],
      ["holds", `${holds} steps`],
      ["waited for", fromMs === undefined || toMs === undefined ? "" : renderDuration(toMs - fromMs)],
    ]),
    ...block(
      "What was seen",
      said.map(({ ms, text }) => `${renderDuration(ms)}: ${text}`),
    ),
  ];
}

function partsOfWork(work: ReportedStep | ReportedCommand): HTMLElement[] {
  const { outcome, reason = "", on = [], attempts, fromMs, failure, command } = work;
  const own = "service" in work ? work : undefined;
  const more = own ? factsOfStep(own) : [];
  const { evidence = [], notTriedAgain } = failure ?? {};
  const lastLines = failure && "lastLines" in failure ? withoutFrame(failure.lastLines) : [];
  return [
    facts([
      ["outcome", reason === "" ? outcome : `${outcome}: ${reason}`],
      ["blocked on", on.join(", ")],
      ["begun after", fromMs === undefined ? "" : renderDuration(fromMs)],
      ["attempts", attempts.length > 1 ? attempts.map(attemptWords).join("; ") : ""],
      ...more,
    ]),
    ...block("Seen in the cluster", own ? own.noticed.flatMap(noticedLines) : []),
    ...block("Why no restart mends it", evidence),
    ...block("Last lines", lastLines),
    ...block("Why it was not tried again", notTriedAgain === undefined ? [] : [notTriedAgain]),
    ...block(
      "Mended before",
      (own?.mended ?? []).map(
        (one) => `${one.release} (${one.status}): ${one.command.map(quoted).join(" ")}`,
      ),
    ),
    ...block("Command", [command.map(quoted).join(" ")]),
  ];
}

function factsOfStep({
  stage,
  service,
  releases,
  after,
  gates,
}: ReportedStep): (readonly [string, string])[] {
  return [
    ["stage", stage],
    ["service", service],
    ["releases", releases.join(", ")],
    ["waits for", after.join(", ")],
    ["held by the gates", gates.join(", ")],
  ];
}

function attemptWords({ fromMs, toMs, again }: ReportedWork["attempts"][number], at: number): string {
  const took = toMs === undefined ? "" : ` took ${renderDuration(toMs - fromMs)}`;
  return `${at + 1}.${took}${again === undefined ? "" : `, again because ${again}`}`;
}

function facts(pairs: readonly (readonly [string, string])[]): HTMLElement {
  const list = document.createElement("dl");
  for (const [label, value] of pairs) {
    if (value === "") continue;
    const pair = document.createElement("div");
    if (value.length > wideFrom) pair.className = "wide";
    pair.append(element("dt", label), element("dd", value));
    list.append(pair);
  }
  return list;
}

function block(title: string, lines: readonly string[]): HTMLElement[] {
  if (lines.length === 0) return [];
  const text = document.createElement("pre");
  text.textContent = lines.map((line) => plainLine(line, longestCommand)).join("\n");
  text.tabIndex = 0;
  return [element("h3", title), text];
}

function element(name: "dt" | "dd" | "h3", text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = plainLine(text, longestCommand);
  return made;
}
