import { flagOf, lastValue, withoutFlag } from "../common/command-flags.ts";
import { quoted } from "../common/words.ts";
import { parseRunName } from "./run-name.ts";

/**
 * The command line that goes on with a run, for people to type. `--resume` takes over what decides what is deployed, and
 * answers are given anew: only where the run is written down has to be said. A journal that does not say in which folder
 * its run was begun is taken over from no further than its environment, so there the rest is said, too.
 */
export function resumeCommand({
  run,
  argv,
  cwd,
}: {
  readonly run: string;
  readonly argv: readonly string[];
  readonly cwd?: string | undefined;
}): string {
  const words = cwd === undefined ? withoutAnswers(argv) : stateFolderWords(argv, cwd);
  return ["charlie-mediawiki", ...words, "--resume", run].map(quoted).join(" ");
}

/** What that does not do by itself, in words: whether a helm still works there only people know. */
export const fixPendingNote =
  "releases that were left pending are mended with --fix-pending: add it only if no helm works on them any more";

/** From any folder. */
function stateFolderWords(argv: readonly string[], cwd: string): string[] {
  const last = lastValue(argv, "--state-dir");
  if (last === undefined) return [];
  return ["--state-dir", last.startsWith("/") ? last : `${cwd}/${last}`];
}

const answers = { switches: ["--yes", "--fix-pending"], withValues: ["--skip-gate", "--not-wiped"] };

/** Nor what is there by now: the run that this one has gone on with itself, the file of events. */
function withoutAnswers(argv: readonly string[]): string[] {
  const words = withoutFlag(argv, "--events", ...answers.withValues);
  return words.filter((word, at) => {
    if (["--", "--resume", ...answers.switches].includes(flagOf(word))) return false;
    return !(flagOf(words[at - 1] ?? "") === "--resume" && parseRunName(word) !== undefined);
  });
}
