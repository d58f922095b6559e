/**
 * Lines of output without the frame that helmfile puts around what a command has said: its arguments, its exit status, the
 * headings, and its errors where they stand a second time in all of its output. All of them where nothing else is there.
 */
export function withoutFrame(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let section = sectionCutOff(lines);
  const combinedAt = lines.lastIndexOf(combinedHeading);
  const again = new Set(combinedAt === -1 ? [] : lines.slice(combinedAt));
  lines.forEach((line, at) => {
    // What is neither indented nor a heading is said by something else.
    if (headings.has(line)) section = line;
    else if (/^\S/.test(line)) section = undefined;
    if (headings.has(line)) return;
    if (!isFrame(line, section, at < combinedAt && again.has(line))) {
      const isSecondBlank = line.trim() === "" && (kept.at(-1) ?? "").trim() === "";
      if (!isSecondBlank) kept.push(line);
    }
  });
  return kept.some((line) => line.trim() !== "") ? kept : lines;
}

/** The section that the first line is the last one of, where the beginning of a report is cut off. */
function sectionCutOff([first = "", ...rest]: readonly string[]): string | undefined {
  const next = rest.find((line) => line.trim() !== "") ?? "";
  if (!headings.has(next) || !/^ {2}(exit status \d+|-?\d+)$/.test(first)) return undefined;
  return next === "EXIT STATUS" ? "ERROR:" : "EXIT STATUS";
}

/** The headings of a report, as far as more than the frame is read by them. */
export const stderrHeading = "STDERR:";
export const combinedHeading = "COMBINED OUTPUT:";

const headings: ReadonlySet<string> = new Set([
  "PATH:",
  "ARGS:",
  "ERROR:",
  "EXIT STATUS",
  stderrHeading,
  combinedHeading,
]);

/** @param isSaidAgain whether the line stands in the combined output too */
function isFrame(line: string, section: string | undefined, isSaidAgain: boolean): boolean {
  // The beginning of the report may be cut off.
  if (/^ {2}\d+: .* \(\d+ bytes?\)$/.test(line)) return true;
  if (!line.startsWith("  ")) return false;
  switch (section) {
    case "PATH:":
    case "EXIT STATUS":
      return true;
    case "ERROR:":
      return /^ {2}exit status \d+$/.test(line);
    case stderrHeading:
      return isSaidAgain;
    default:
      return false;
  }
}
