import { combinedHeading, stderrHeading } from "./helmfile-frame.ts";

/**
 * The causes that helm gives in helmfile's report about commands that failed, at least one, without what helm did about
 * them.
 *
 * Undefined where the report does not tell all: it is not whole, it is about another program than helm or a helm that was
 * killed, or more releases have failed than it explains. Only helm's own `Error:` in the report is read, never what an
 * application or a chart printed before it.
 */
export function causesInReport(lines: readonly string[]): readonly string[] | undefined {
  const heads = lines.flatMap((line, index) => {
    const [, program] = head.exec(line) ?? [];
    return program === undefined ? [] : [{ index, line, program }];
  });
  const [first] = heads;
  if (!first || heads.some(({ program }) => !isHelm(program))) return undefined;
  if (
    first.line.includes(": failed processing release ") &&
    failedReleases(lines, first.index) !== heads.length
  )
    return undefined;
  const causes = heads.map(({ index }, nth) => {
    const error = errorIn(lines.slice(index, heads[nth + 1]?.index));
    return error === undefined ? undefined : causesOf(error);
  });
  return causes.every((ofOne) => ofOne !== undefined) ? causes.flat() : undefined;
}

const head = /\bcommand "([^"]+)" exited with non-zero status:$/;

/** Also helm3, or helm3.17: Wikimedia has several side by side. */
function isHelm(program: string): boolean {
  return /(?:^|\/)helm[\d.]*$/.test(program);
}

/** How many releases the table before a report names; 0 where there is none. helmfile explains only the first. */
function failedReleases(lines: readonly string[], end: number): number {
  const title = lines.slice(0, end).findLastIndex((line) => /^=+ Failed Releases =+$/.test(line));
  if (title === -1) return 0;
  const rows = lines.slice(title + 1, end).filter((line) => line.trim() !== "");
  return rows[0]?.startsWith("NAME ") ? rows.length - 1 : 0;
}

/** helm says after the reason that a plugin (helm-diff) failed, which is no news. */
export function saysPluginFailed(line: string): boolean {
  return /^Error: plugin "[^"]*" exited with error$/.test(line);
}

/** helm's error in a report, over several lines where it has several; what it logged before it is left out. */
function errorIn(report: readonly string[]): string | undefined {
  const start = report.indexOf(stderrHeading);
  const end = report.indexOf(combinedHeading);
  if (start === -1 || end < start) return undefined;
  const lines = report
    .slice(start + 1, end)
    .map((line) => line.replace(/^ {2}/, ""))
    .filter((line) => !saysPluginFailed(line));
  const error = lines.findLastIndex((line) => line.startsWith("Error: "));
  return error === -1 ? undefined : lines.slice(error).join("\n").slice("Error: ".length).trimEnd();
}

/** Each cause in an error of helm's; undefined where it cannot be told from what helm met when it wanted to clean up. */
function causesOf(error: string): string[] | undefined {
  const text = error
    .replace(/^(?:INSTALLATION|UPGRADE) FAILED: /, "")
    .replace(/^release \S+ failed, and has been (?:uninstalled|rolled back) due to atomic being set: /, "");
  const cleaning = /^an error occurred while [a-z ]+\. original (?:install|upgrade) error: /.exec(text);
  if (!cleaning) return listed(text);
  const both = text.slice(cleaning[0].length);
  const end = both.lastIndexOf(": Kubernetes cluster unreachable: ");
  return end === -1 ? undefined : [...listed(both.slice(0, end)), ...listed(both.slice(end + 2))];
}

/** The causes of a list as helm writes it; else the text as it is. */
function listed(text: string): string[] {
  const [title = "", ...causes] = text.split("\n\t* ");
  const all = /^\d+ errors? occurred:$/.test(title) && causes.length > 0 ? causes : [text];
  return all.map((cause) => lastAttempt(cause.trim()));
}

/** helm's HTTP client tells of the attempt before the last one, too. */
function lastAttempt(cause: string): string {
  const end = cause.indexOf(" - error from a previous attempt: ");
  return end === -1 ? cause : cause.slice(0, end);
}
