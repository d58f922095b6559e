import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseRunName } from "../core/journal/run-name.ts";

/**
 * The variable by which everything that a rollout starts, and everything that this starts in turn, is known as its own: the
 * file of the run's journal, which no other run has, whatever its state folder.
 */
export const runVariable = "CHARLIE_MEDIAWIKI_RUN";

/** An environment with the mark of a run in it, for all that the run starts. */
export function markedEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  mark: string,
): Readonly<Record<string, string | undefined>> {
  return { ...env, [runVariable]: mark };
}

/** The mark of a run. Its journal has to be there. */
export function runMark(journalFile: string): string {
  return realpathSync(journalFile);
}

/** The run of an environment that a mark names; undefined where it is of another environment or state folder. */
export function runOfMark(
  mark: string,
  { folder, environment }: { readonly folder: string; readonly environment: string },
): string | undefined {
  if (dirname(mark) !== join(folder, "runs") || !mark.endsWith(suffix)) return undefined;
  const run = basename(mark, suffix);
  return parseRunName(run)?.environment === environment ? run : undefined;
}

/** Whether it is the mark of the run of this name, whatever its state folder. */
export function isMarkOf(mark: string, run: string): boolean {
  return basename(mark) === `${run}${suffix}`;
}

const suffix = ".ndjson";
