import { readdirSync, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Diagnostic } from "../core/common/diagnostic.ts";
import type { SourceText } from "../core/common/places.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import { type JournalContent, parseJournal } from "../core/journal/parse-journal.ts";
import type { ListedRun } from "../core/journal/run-list.ts";
import { compareRuns, parseRunName, runName } from "../core/journal/run-name.ts";
import { runStateOf } from "../core/journal/run-state.ts";
import { describeFileFault, fileFaultCode } from "./file-fault.ts";
import { isAlive } from "./process-identity.ts";

/** Far more than a run of ten thousand steps writes, and less than a text may hold. */
const maxBytes = 400 * 1024 * 1024;

/**
 * A name for a run that begins now. It sorts behind all runs of the environment that there are, also where the clock
 * has been set back since: the newest run is the one that is resumed. Only behind the last that a name can tell none does.
 */
export function nextRunName(
  folder: string,
  environment: string,
  { now = Date.now(), pid = process.pid }: { readonly now?: number; readonly pid?: number } = {},
): string {
  const newest = parseRunName(runNames(folder, environment)[0] ?? "");
  const after = newest ? timeOfStamp(newest.stamp) + 1000 : 0;
  const name = (time: number) => runName(environment, new Date(time).toISOString(), pid);
  const behindAll = name(Math.max(now, after));
  return parseRunName(behindAll) === undefined ? name(now) : behindAll;
}

/** The names of the runs in a state folder, of one environment or of all, newest first. */
export function runNames(folder: string, environment?: string): readonly string[] {
  return filesOf(join(folder, "runs"))
    .filter((name) => name.endsWith(suffix))
    .map((name) => name.slice(0, -suffix.length))
    .filter((run) => {
      const parsed = parseRunName(run);
      return parsed !== undefined && (environment === undefined || parsed.environment === environment);
    })
    .sort(compareRuns);
}

/** How long the journal of a run is, in bytes; 0 where there is none. Throws what the system throws. */
export function journalBytes(folder: string, run: string): number {
  return statSync(journalFileOf(folder, run), { throwIfNoEntry: false })?.size ?? 0;
}

/** Reads the journal of a run. Never throws. */
export async function loadRun(
  folder: string,
  run: string,
): Promise<Result<JournalContent, readonly Diagnostic[]>> {
  const source = await readRun(folder, run);
  const parsed = source.ok ? parseJournal(source.value) : source;
  if (!parsed.ok || parsed.value.header.run === run) return parsed;
  return unreadable(
    `run ${run} cannot be read: its journal is that of ${parsed.value.header.run} (${journalFileOf(folder, run)})`,
    "give the file its own name again, or remove it",
  );
}

/** The text of the journal of a run, whatever it holds. Never throws. */
export async function readRun(folder: string, run: string): ReturnType<typeof readJournalFile> {
  if (parseRunName(run) === undefined) return unreadable(`${JSON.stringify(run)} is not the name of a run`);
  const file = journalFileOf(folder, run);
  if (isNoFile(file)) return unreadable(`run ${run} cannot be read: it is no file (${file})`);
  return readJournalFile(file, `run ${run}`);
}

/**
 * The text of a journal, which may come through a pipe, whatever it holds. Never throws.
 *
 * @param what how it is to be called where it cannot be read
 */
export async function readJournalFile(
  file: string,
  what = "the journal",
): Promise<Result<SourceText, readonly Diagnostic[]>> {
  try {
    const { size } = await stat(file);
    if (size > maxBytes)
      return unreadable(`${file} has ${Math.ceil(size / 1024 / 1024)} MiB: that is no journal`);
    return ok({ file, text: await readFile(file, "utf8") });
  } catch (error) {
    if (fileFaultCode(error) !== "ENOENT")
      return unreadable(`${what} cannot be read: ${describeFileFault(error)} (${file})`);
    return unreadable(
      `${what} cannot be read: there is no such run (${file})`,
      "`runs` lists those that there are",
    );
  }
}

/** A pipe, say, to whose other end nobody may ever write. What else is wrong with a file is told when it is read. */
function isNoFile(file: string): boolean {
  try {
    const found = statSync(file);
    return !found.isFile() && !found.isDirectory();
  } catch {
    return false;
  }
}

/** Where the journal of a run is. */
function journalFileOf(folder: string, run: string): string {
  return join(folder, "runs", `${run}${suffix}`);
}

/** All runs of a state folder, newest first. One that cannot be read says why. */
export async function loadRuns(folder: string): Promise<readonly ListedRun[]> {
  const host = hostname();
  const listed: ListedRun[] = [];
  // One after the other, and no more kept of each than is listed: there may be years of them.
  for (const run of runNames(folder)) {
    const loaded = await loadRun(folder, run);
    const named = {
      run,
      environment: parseRunName(run)?.environment ?? "",
      file: journalFileOf(folder, run),
    };
    if (loaded.ok) {
      const { header, torn } = loaded.value;
      const running = header.host === host && isAlive(header);
      listed.push({ ...named, state: runStateOf(loaded.value), running, torn });
    } else {
      listed.push({ ...named, fault: loaded.failure.map(({ message }) => message).join("; ") });
    }
  }
  return listed;
}

const suffix = ".ndjson";

/** No folder: no runs yet. Throws what the system throws for any other reason. */
function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (fileFaultCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** `YYYYMMDDTHHMMSSZ` in milliseconds; 0 where it is no time. */
function timeOfStamp(stamp: string): number {
  const iso = stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const time = Date.parse(iso);
  return Number.isNaN(time) ? 0 : time;
}

function unreadable(message: string, remedy?: string) {
  const fault: Diagnostic = { severity: "error", code: "run-unreadable", message, ...(remedy && { remedy }) };
  return fail([fault]);
}
