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
  const folder = argv.flatMap((word, at) => {
    const flag = withDashes(word);
    if (flag === "--state-dir") return argv[at + 1] ?? [];
    return flag.startsWith("--state-dir=") ? word.slice("--state-dir=".length) : [];
  });
  const last = folder.at(-1);
  if (last === undefined) return [];
  return ["--state-dir", last.startsWith("/") ? last : `${cwd}/${last}`];
}

const answers = ["--yes", "--skip-gate", "--not-wiped", "--fix-pending"];

/** Nor what is there by now: the run that this one has gone on with itself, the file of events. */
function withoutAnswers(argv: readonly string[]): string[] {
  return argv.filter((word, at) => {
    const [flag = ""] = withDashes(word).split("=");
    if ([...answers, "--resume", "--events", "--"].includes(flag)) return false;
    const before = withDashes(argv[at - 1] ?? "");
    if (["--events", "--skip-gate", "--not-wiped"].includes(before)) return false;
    return !(before === "--resume" && parseRunName(word) !== undefined);
  });
}

function withDashes(word: string): string {
  const [flag = "", ...value] = word.split("=");
  return flag.startsWith("--") ? [flag.replaceAll("_", "-"), ...value].join("=") : word;
}
