import { plainLine } from "../core/common/plain-line.ts";
import { longestCommand } from "../core/report/report-limits.ts";
import type { ReportedCommand, ReportedGate, ReportedStep, RunReport } from "../core/report/run-report.ts";
import { detailOf } from "./step-detail.ts";

/**
 * What makes the page of a report answer: names become buttons that open what is known of a step, rows can be filtered,
 * and arrows go from row to row. One listener for each kind of event, however many rows there are.
 */
function enliven(table: HTMLTableElement, toolbar: HTMLElement): void {
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tbody tr[id]")];
  for (const row of rows) makeButton(row);
  const [first] = rows;
  if (first) buttonOf(first)?.setAttribute("tabindex", "0");
  const filter = new Filter(table, rows, toolbar);
  toolbar.hidden = false;
  toolbar.addEventListener("input", () => filter.apply());
  toolbar.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    filter.apply();
  });
  table.addEventListener("click", (event) => {
    const row = event.target instanceof Element ? event.target.closest("tr") : null;
    // Whoever marks text to copy it does not want it to go away.
    if (row?.id && getSelection()?.isCollapsed !== false) toggle(row);
  });
  table.addEventListener("focusin", (event) => {
    const row = event.target instanceof HTMLButtonElement ? event.target.closest("tr") : null;
    if (row) comeTo(table, row);
  });
  table.addEventListener("keydown", (event) => onKey(event, rows));
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
}

function makeButton(row: HTMLTableRowElement): void {
  const name = row.querySelector(".name");
  if (!name) return;
  const button = document.createElement("button");
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("aria-expanded", "false");
  button.textContent = name.textContent;
  button.title = name.textContent ?? "";
  name.replaceWith(button);
}

function buttonOf(row: Element): HTMLButtonElement | null {
  return row.querySelector("th button");
}

/** Tab comes back to the row that was left. */
function comeTo(table: Element, row: Element): void {
  for (const other of table.querySelectorAll("th button[tabindex='0']")) other.setAttribute("tabindex", "-1");
  buttonOf(row)?.setAttribute("tabindex", "0");
}

function onKey(event: KeyboardEvent, rows: readonly HTMLTableRowElement[]): void {
  const target = event.target instanceof Element ? event.target : null;
  const at = target?.closest("tr");
  const row = at?.classList.contains("detail") ? at.previousElementSibling : at;
  if (!row) return;
  if (event.key === "Escape") {
    if (row.nextElementSibling?.classList.contains("detail")) toggle(row);
    buttonOf(row)?.focus();
    return;
  }
  // Within what is open, arrows scroll.
  if (!(target instanceof HTMLButtonElement)) return;
  const shown = rows.filter(({ hidden }) => !hidden);
  const place = shown.findIndex(({ id }) => id === row.id);
  const next = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: shown.length - 1 }[event.key];
  const goal = next === undefined ? undefined : shown[next];
  if (!goal) return;
  event.preventDefault();
  buttonOf(goal)?.focus();
}

let parsed: RunReport | undefined;

/** Read when it is needed first: it is as long as the page. */
function report(): RunReport {
  const made: RunReport = parsed ?? JSON.parse(document.getElementById("report")?.textContent ?? "{}");
  parsed = made;
  return made;
}

function subjectOf({ id }: Element): ReportedStep | ReportedGate | ReportedCommand | undefined {
  const { steps, gates, commands } = report();
  const at = Number(id.slice(1));
  return id.startsWith("s") ? steps[at] : id.startsWith("g") ? gates[at] : commands[at];
}

function toggle(row: Element): void {
  const open = row.nextElementSibling?.classList.contains("detail") ? row.nextElementSibling : undefined;
  buttonOf(row)?.setAttribute("aria-expanded", String(!open));
  if (open) {
    open.remove();
    return;
  }
  const subject = subjectOf(row);
  if (!subject) return;
  const detail = document.createElement("tr");
  detail.className = `detail ${row.classList[0] ?? ""}`;
  detail.setAttribute("role", "row");
  const cell = detail.insertCell();
  cell.colSpan = 5;
  cell.setAttribute("role", "cell");
  cell.append(detailOf(subject));
  row.after(detail);
}

class Filter {
  readonly #table: HTMLTableElement;
  readonly #rows: readonly HTMLTableRowElement[];
  readonly #toolbar: HTMLElement;
  #texts: readonly string[] | undefined;

  constructor(table: HTMLTableElement, rows: readonly HTMLTableRowElement[], toolbar: HTMLElement) {
    this.#table = table;
    this.#rows = rows;
    this.#toolbar = toolbar;
  }

  apply(): void {
    const words = this.#words();
    const pressed = [...this.#toolbar.querySelectorAll<HTMLElement>("[aria-pressed='true']")];
    const outcomes = pressed.flatMap(({ dataset }) => dataset.outcome ?? []);
    const critical = pressed.some(({ dataset }) => dataset.critical !== undefined);
    this.#texts ??= this.#rows.map(textOf);
    let shown = 0;
    this.#rows.forEach((row, at) => {
      const text = this.#texts?.[at] ?? "";
      const isWanted =
        words.every((word) => text.includes(word)) &&
        (outcomes.length === 0 || outcomes.some((outcome) => row.classList.contains(outcome))) &&
        (!critical || row.classList.contains("critical"));
      if (isWanted) shown += 1;
      show(row, isWanted);
    });
    for (const body of this.#table.tBodies) body.hidden = !body.querySelector("tr[id]:not([hidden])");
    const output = this.#toolbar.querySelector("output");
    const all = words.length === 0 && pressed.length === 0;
    if (output) output.textContent = all ? "" : `${shown} of ${this.#rows.length} shown`;
  }

  #words(): string[] {
    const text = this.#toolbar.querySelector("input")?.value ?? "";
    return text.toLowerCase().split(/\s+/).filter(Boolean);
  }
}

function show(row: HTMLTableRowElement, isWanted: boolean): void {
  row.hidden = !isWanted;
  const next = row.nextElementSibling;
  if (next instanceof HTMLElement && next.classList.contains("detail")) next.hidden = !isWanted;
}

/** What a row is found by. */
function textOf(row: HTMLTableRowElement): string {
  const subject = subjectOf(row);
  if (!subject) return "";
  const words =
    "service" in subject
      ? [
          subject.id,
          subject.service,
          subject.stage,
          ...subject.releases,
          subject.outcome,
          subject.reason ?? "",
        ]
      : "holds" in subject
        ? ["gate", subject.id, subject.state, ...subject.said.map(({ text }) => text)]
        : [...subject.command, subject.stage, subject.outcome, subject.reason ?? ""];
  return plainLine(words.join(" "), longestCommand).toLowerCase();
}

const table = document.querySelector<HTMLTableElement>(".timeline table");
const toolbar = document.querySelector<HTMLElement>(".toolbar");
if (table && toolbar) enliven(table, toolbar);
