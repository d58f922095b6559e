import { quoted } from "./report.ts";
import { parseRunName } from "./run-name.ts";

/**
 * The command line that goes on with the run that this one began, for people to type.
 *
 * @param run its name, for where it may not be the newest any more
 */
export function resumeCommand(argv: readonly string[], run?: string): string {
  const kept = argv.filter((word, at) => {
    const flag = withDashes(word);
    if (["--resume", "--fix-pending", "--"].includes(flag) || flag.startsWith("--resume=")) return false;
    // The run that this one has gone on with itself.
    return !(withDashes(argv[at - 1] ?? "") === "--resume" && parseRunName(word) !== undefined);
  });
  const resumed = run === undefined ? ["--resume"] : ["--resume", run];
  return ["charlie-mediawiki", ...kept, ...resumed, "--fix-pending"].map(quoted).join(" ");
}

function withDashes(word: string): string {
  return word.startsWith("--") ? word.replaceAll("_", "-") : word;
}
