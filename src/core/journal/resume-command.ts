import { quoted } from "../common/words.ts";
import { parseRunName } from "./run-name.ts";

/**
 * The command line that goes on with the run that this one began, for people to type.
 *
 * @param options.run its name, for where it may not be the newest any more
 * @param options.fixPending mend what was left half done, too: only where something was killed
 */
export function resumeCommand(
  argv: readonly string[],
  { run, fixPending }: { readonly run?: string; readonly fixPending: boolean },
): string {
  const kept = argv.filter((word, at) => {
    const flag = withDashes(word);
    if (["--resume", "--fix-pending", "--events", "--"].includes(flag)) return false;
    if (/^--(resume|events)=/.test(flag)) return false;
    const before = withDashes(argv[at - 1] ?? "");
    // The file is there by now.
    if (before === "--events") return false;
    // The run that this one has gone on with itself.
    return !(before === "--resume" && parseRunName(word) !== undefined);
  });
  const resumed = run === undefined ? ["--resume"] : ["--resume", run];
  return ["charlie-mediawiki", ...kept, ...resumed, ...(fixPending ? ["--fix-pending"] : [])]
    .map(quoted)
    .join(" ");
}

function withDashes(word: string): string {
  return word.startsWith("--") ? word.replaceAll("_", "-") : word;
}
