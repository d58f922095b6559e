import type { Diagnostic, Place } from "../common/diagnostic.ts";
import { shownValue } from "../common/json-fault.ts";
import { renderJsonPath } from "../common/json-place.ts";
import type { SourceText } from "../common/places.ts";
import { plainLine } from "../common/plain-line.ts";
import { fail, ok, type Result } from "../common/result.ts";
import * as z from "../common/zod.ts";
import type { Plan } from "../plan/plan.ts";
import {
  type EventLine,
  eventLineSchema,
  eventTypes,
  headerSchema,
  type JournalHeader,
  journalVersion,
  planLineSchema,
} from "./journal-line.ts";

/** What a journal holds. */
export interface JournalContent {
  readonly header: JournalHeader;
  readonly plan: Plan;
  /** The revision of each release before the run, as far as it was looked up; 0 for one that was not there. */
  readonly revisions: ReadonlyMap<string, number>;
  /** Releases that were left half done before the run, as far as that was looked up. */
  readonly halfDone: ReadonlySet<string>;
  /** A digest of the files of each service, as far as they were looked at. */
  readonly files: ReadonlyMap<string, string>;
  /** What happened, in order; lines of types that are not known are left out. */
  readonly lines: readonly EventLine[];
  /** The last line was not written to its end: the process was killed in the middle of it, or writes it now. */
  readonly torn: boolean;
}

/**
 * Reads the journal of a run, also of one that still runs. A last line that is cut off is expected and told; any other
 * line that is not sound is a fault with its place. Never throws; takes time in proportion to the length.
 */
export function parseJournal(source: SourceText): Result<JournalContent, readonly Diagnostic[]> {
  const { content, faults } = readJournal(source, { untilFault: true });
  return content && faults.length === 0 ? ok(content) : fail(faults);
}

/** What can be read of a journal, whatever has become of it. */
export interface SalvagedJournal {
  /** Absent where not even the first line is sound. */
  readonly header?: JournalHeader;
  /** Absent where there is no plan; without the lines that are not sound. */
  readonly content?: JournalContent;
  /** What is not sound. Empty exactly where `parseJournal` reads it. */
  readonly faults: readonly Diagnostic[];
}

/** For who tells what happened: leaves out the lines of a journal that are not sound, and says which. Never throws. */
export function salvageJournal(source: SourceText): SalvagedJournal {
  return readJournal(source, { untilFault: false });
}

function readJournal(source: SourceText, how: { readonly untilFault: boolean }): SalvagedJournal {
  const { sound, torn } = cutIntoLines(source.text);
  const read = new JournalReader(source.file);
  const header = read.header(sound[0]);
  if (!header.ok) return { faults: header.failure };
  const first = read.plan(sound[1], header.value);
  if (!first.ok) return { header: header.value, faults: first.failure };
  const last = sound.length - 1;
  const lines: EventLine[] = [];
  const faults: Diagnostic[] = [];
  let broken = false;
  for (let at = 2; at <= last; at++) {
    const line = read.event(sound[at] ?? "", at);
    // The power may have failed in the middle of it: then the end of the line can be there and its middle not.
    if (line === "not-json" && at === last && !torn) broken = true;
    else if (line === "not-json") faults.push(...read.fault(at, sound[at] ?? "", notJson).failure);
    else if (line !== undefined && "severity" in line) faults.push(line);
    else if (line) lines.push(line);
    if (how.untilFault && faults.length > 0) break;
  }
  const { plan, revisions = {}, halfDone = [], files = {} } = first.value;
  const content: JournalContent = {
    header: header.value,
    plan,
    revisions: new Map(Object.entries(revisions)),
    halfDone: new Set(halfDone),
    files: new Map(Object.entries(files)),
    lines,
    torn: torn || broken,
  };
  return { header: header.value, content, faults };
}

/** A line counts only with its line end: what follows it was begun later, so it was written whole. */
function cutIntoLines(text: string): { readonly sound: readonly string[]; readonly torn: boolean } {
  const sound = text.split("\n");
  const rest = sound.pop() ?? "";
  return { sound, torn: rest !== "" };
}

const notJson = { code: "journal-broken", message: "this line of the journal is no JSON" };

class JournalReader {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  header(line: string | undefined): Result<JournalHeader, readonly Diagnostic[]> {
    const value = line === undefined ? undefined : parseObject(line);
    if (line === undefined || value?.type !== "journal") {
      return this.fault(0, line ?? "", {
        code: "no-journal",
        message: "this is not the journal of a run: it does not begin with a line of type journal",
      });
    }
    const { version, tools } = value;
    if (version !== journalVersion) {
      const isNewer = typeof version === "number" && version > journalVersion;
      return this.fault(0, line, {
        code: "unknown-version",
        message: isNewer
          ? `this journal was written by a newer charlie-mediawiki${versionOf(tools)}: use that`
          : `this version of the journal's format is not known: ${shownValue(version)}`,
        expected: `"version":${journalVersion}`,
      });
    }
    const parsed = z.safeParse(headerSchema, value);
    return parsed.success ? ok(parsed.data) : this.#refused(0, line, parsed.error);
  }

  plan(line: string | undefined, header: JournalHeader) {
    const value = line === undefined ? undefined : parseObject(line);
    if (line === undefined || value?.type !== "plan") {
      return this.fault(1, line ?? "", {
        code: "no-plan",
        message: "the journal ends before its plan: this run deployed nothing",
      });
    }
    const parsed = z.safeParse(planLineSchema, value);
    if (parsed.success) return ok(parsed.data);
    const { "charlie-mediawiki": by } = header.tools;
    const remedy =
      by === undefined ? undefined : `the journal was written by charlie-mediawiki ${by}: use that`;
    return this.#refused(1, line, parsed.error, remedy);
  }

  /** Undefined for a line of a type that is not known here. */
  event(line: string, at: number): EventLine | Diagnostic | "not-json" | undefined {
    const value = parseObject(line);
    if (!value) return "not-json";
    const { type } = value;
    if (typeof type === "string" && !eventTypes.has(type)) return undefined;
    const parsed = z.safeParse(eventLineSchema, value);
    return parsed.success ? parsed.data : this.#diagnostic(at, line, describeIssue(parsed.error));
  }

  fault(
    at: number,
    line: string,
    described: Pick<Diagnostic, "code" | "message" | "expected" | "remedy">,
  ): { readonly ok: false; readonly failure: readonly Diagnostic[] } {
    return fail([this.#diagnostic(at, line, described)]);
  }

  #refused(at: number, line: string, error: z.core.$ZodError, remedy?: string) {
    return this.fault(at, line, { ...describeIssue(error), ...(remedy !== undefined && { remedy }) });
  }

  #diagnostic(at: number, line: string, described: Pick<Diagnostic, "code" | "message">): Diagnostic {
    // The plan's line is as long as the plan: no more of it than a person reads.
    const shown = line.slice(0, longestShown);
    const place: Place = {
      file: this.#file,
      line: at + 1,
      column: 1,
      length: Math.max(1, shown.length),
      text: shown,
    };
    return { severity: "error", ...described, place };
  }
}

const longestShown = 160;

function describeIssue({ issues }: z.core.$ZodError) {
  const [issue] = issues;
  const path = renderJsonPath((issue?.path ?? []).filter((part) => typeof part !== "symbol"));
  const where = path === "" ? "" : `, at ${path}`;
  return {
    code: "journal-broken",
    message: `this line of the journal is not what it should be${where}: ${issue?.message ?? "unknown"}`,
  };
}

function versionOf(tools: unknown): string {
  const found =
    typeof tools === "object" && tools !== null ? Reflect.get(tools, "charlie-mediawiki") : undefined;
  return typeof found === "string" ? ` (${plainLine(found, 40)})` : "";
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
