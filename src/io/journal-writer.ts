import { join } from "node:path";
import { journalEvent, mustLast } from "../core/journal/journal-event.ts";
import {
  type JournalEvent,
  type JournalHeader,
  journalVersion,
  type PlanLine,
} from "../core/journal/journal-line.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { RolloutEvent } from "../core/rollout/events.ts";
import { describeFileFault } from "./file-fault.ts";
import { type FileCalls, type JournalFile, makeJournalFile } from "./journal-file.ts";
import { ownProcess } from "./process-identity.ts";
import { runOrigin } from "./run-origin.ts";
import { makeStateSubfolder } from "./state-folder.ts";

/** Writes down a run while it goes on, so that nothing is lost however it ends. */
export interface Journal {
  readonly file: string;
  /** Never throws: what could not be written is told by `onFault`. */
  readonly on: (event: RolloutEvent) => void;
  readonly close: () => void;
}

/** What the first lines of a journal say. */
interface RunDescription {
  /** As `nextRunName` gives it. */
  readonly run: string;
  readonly plan: Plan;
  /** The words of the command line. */
  readonly argv: readonly string[];
  /** The operator's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Versions, by the tool's name; that of charlie-mediawiki among them. */
  readonly tools: Readonly<Record<string, string>>;
  /** The run that this one goes on with. */
  readonly resumes?: string;
  /** Nothing is deployed: it is a demo. */
  readonly simulated?: true;
  /** helm's revision of each release before the run, 0 for one that is not there, as far as it was looked up. */
  readonly revisions?: ReadonlyMap<string, number>;
  /** Releases that were left half done before the run. */
  readonly halfDone?: readonly string[];
  /** A digest of the files of each service, as far as they were looked at. */
  readonly files?: ReadonlyMap<string, string>;
  /** @default the system's */
  readonly clock?: JournalClock;
}

export interface JournalOptions extends RunDescription {
  /** The state folder. */
  readonly folder: string;
  /** Told once, when the first line could not be written: no new steps ought to be taken then. */
  readonly onFault?: (message: string) => void;
  /** Is given each line, whether the journal could take it or not. */
  readonly copy?: ((line: string) => void) | undefined;
  /** @default the system's */
  readonly calls?: FileCalls;
}

export interface JournalClock {
  /** ISO, with milliseconds. */
  readonly time: () => string;
  /** Milliseconds on a clock that never jumps. */
  readonly elapsed: () => number;
}

/**
 * Begins the journal of a run: `runs/RUN.ndjson` in the state folder, one line of JSON for each thing that happens. Each
 * is written at once, before the caller goes on, so a SIGKILL loses none; begin and end of steps and commands are on
 * the disk by then, so neither does a power failure.
 *
 * @throws what the system throws where the file cannot be made or its beginning not written: nothing has been deployed
 */
export function openJournal(options: JournalOptions): Journal {
  const { folder, run, onFault, copy } = options;
  const file = join(makeStateSubfolder(folder, "runs"), `${run}.ndjson`);
  const lines = journalLines(options);
  const journal = makeJournalFile(file, lines.first, options.calls);
  for (const line of lines.first) copy?.(line);
  let isTold = false;
  return {
    file,
    on: (event) => {
      const kept = journalEvent(event);
      if (!kept) return;
      const line = lines.lineOf(kept);
      const failure = append(journal, line, { lasting: mustLast(kept) });
      copy?.(line);
      if (failure === undefined || isTold) return;
      isTold = true;
      onFault?.(`the journal ${file} cannot be written: ${failure}`);
    },
    close: () => journal.close(),
  };
}

/** The lines of a journal without one: the first ones, and that of each event. They are those of a run at this moment. */
export function journalLines(options: RunDescription): {
  readonly first: readonly string[];
  readonly lineOf: (event: JournalEvent) => string;
} {
  const { clock = systemClock() } = options;
  const begun = clock.elapsed();
  const when = () => ({ time: clock.time(), elapsedMs: Math.max(0, Math.round(clock.elapsed() - begun)) });
  const first = [headerOf(options, clock.time()), planLineOf(options, when())];
  return {
    first: first.map((line) => JSON.stringify(line)),
    lineOf: (event) => JSON.stringify({ ...event, ...when() }),
  };
}

function systemClock(): JournalClock {
  return { time: () => new Date().toISOString(), elapsed: () => performance.now() };
}

function headerOf(
  { run, plan, argv, env, tools, resumes, simulated }: RunDescription,
  time: string,
): JournalHeader {
  return {
    type: "journal",
    version: journalVersion,
    run,
    environment: plan.environment,
    time,
    argv: [...argv],
    ...runOrigin(env),
    ...ownProcess(),
    tools: { ...tools },
    ...(resumes !== undefined && { resumes }),
    ...(simulated && { simulated }),
  };
}

type When = Pick<PlanLine, "time" | "elapsedMs">;

function planLineOf({ plan, revisions, halfDone = [], files }: RunDescription, when: When): PlanLine {
  return {
    type: "plan",
    plan,
    ...(revisions && { revisions: Object.fromEntries(revisions) }),
    ...(halfDone.length > 0 && { halfDone: [...halfDone] }),
    ...(files && files.size > 0 && { files: Object.fromEntries(files) }),
    ...when,
  };
}

/** Why it could not be written; undefined where it was. */
function append(journal: JournalFile, line: string, how: { readonly lasting: boolean }): string | undefined {
  try {
    journal.append(line, how);
    return undefined;
  } catch (error) {
    return describeFileFault(error);
  }
}
