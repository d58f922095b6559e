import { plainLine, unprintable } from "./plain-line.ts";

/** A place in a file that a person wrote. Lines and columns count from 1, columns in UTF-16 code units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many columns to underline, at least 1; never past the end of the line. */
  readonly length: number;
  /** The text of the line, so that the place can be shown without reading the file again. */
  readonly text: string;
}

/** A fault, or something worth knowing, as a value: what, where, what was expected and what to do. */
export interface Diagnostic {
  /** `error`: what plans or deploys refuses. `warning`: told, and the work goes on. */
  readonly severity: "error" | "warning";
  /** Stable word for programs, for example `unknown-key`. */
  readonly code: string;
  readonly message: string;
  readonly place?: Place;
  /** What would have been right. */
  readonly expected?: string;
  /** What to do about it; may have several lines (for example lines to add to a file). */
  readonly remedy?: string;
  /** The other places that belong to the fault, for example the first of two entries that collide. */
  readonly related?: readonly { readonly message: string; readonly place: Place }[];
}

/** `file:line:column`, as editors and compilers write it. */
export function renderPlace(place: Place): string {
  return `${place.file}:${place.line}:${place.column}`;
}

/** Renders one diagnostic for people: the message, the line with the place underlined, and what to do. */
export function renderDiagnostic(
  diagnostic: Omit<Diagnostic, "severity"> & { readonly severity: string },
): string {
  const where = diagnostic.place ? `${shownPlace(diagnostic.place)}: ` : "";
  const lines = [`${where}${diagnostic.severity}: ${words(diagnostic.message)}`];
  if (diagnostic.place) lines.push(...frame(diagnostic.place));
  if (diagnostic.expected !== undefined) lines.push(`  expected: ${words(diagnostic.expected)}`);
  for (const { message, place } of diagnostic.related ?? []) {
    lines.push(`  ${shownPlace(place)}: ${words(message)}`, ...frame(place));
  }
  if (diagnostic.remedy !== undefined) lines.push(...indentRemedy(diagnostic.remedy));
  return lines.join("\n");
}

/** Longer than whatever is written here, with paths and lists of names in it. */
const longestWords = 4000;

/** Names and values may come from a manifest or another program: nothing in them steers the terminal, or makes a line. */
function words(text: string): string {
  return plainLine(text, longestWords);
}

function shownPlace(place: Place): string {
  return renderPlace({ ...place, file: words(place.file) });
}

/** In the order of the file that they are about; what has no place comes first. */
export function inOrder(faults: readonly Diagnostic[]): readonly Diagnostic[] {
  const line = ({ place }: Diagnostic) => place?.line ?? 0;
  const column = ({ place }: Diagnostic) => place?.column ?? 0;
  return faults.toSorted((one, other) => line(one) - line(other) || column(one) - column(other));
}

/** Renders them, a blank line between two: of one file the first 20 errors and warnings, and how many more there are. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const told: string[] = [];
  const counts = new Map<string, number>();
  for (const diagnostic of diagnostics) {
    const { severity, place } = diagnostic;
    const kind = `${severity}s of ${place?.file}`;
    const count = place ? (counts.get(kind) ?? 0) + 1 : 0;
    if (place) counts.set(kind, count);
    if (count <= toldOfFile) told.push(renderDiagnostic(diagnostic));
  }
  for (const [kind, count] of counts)
    if (count > toldOfFile) told.push(`${words(kind)} that are not shown: ${count - toldOfFile}`);
  return told.join("\n\n");
}

/** More than that of one file are the same mistake, and nobody reads thousands. */
const toldOfFile = 20;

/** How much of a line is shown: a place in a file without line ends must not flood the terminal. */
const shownColumns = 160;

/** The line of a place, and its text underlined. */
export function frame(place: Place): string[] {
  // A line that is too long to be kept is only named: an empty one with a mark at its begin would be another place.
  if (place.text === "" && place.column > 1) return [];
  const number = String(place.line);
  const gutter = " ".repeat(number.length);
  const start = place.column > shownColumns ? place.column - shownColumns / 2 : 0;
  const text = printable(place.text.slice(start, start + shownColumns));
  // Tabs stay tabs, so that the underline stands below its text whatever a tab is wide.
  const before = text.slice(0, place.column - 1 - start).replace(/[^\t]/g, " ");
  const underline = "^".repeat(Math.max(1, Math.min(place.length, text.length - before.length)));
  return [`  ${number} | ${text}`, `  ${gutter} | ${before}${underline}`];
}

/** What a file holds must not steer the terminal. */
function printable(text: string): string {
  // One sign for each, so that the underline stands below its text.
  return text.replace(unprintable, (run) => run.replace(/[^\t]/g, "\ufffd"));
}

function indentRemedy(remedy: string): string[] {
  const [first, ...rest] = remedy.split("\n").map(words);
  return [`  to do: ${first}`, ...rest.map((line) => `    ${line}`)];
}
