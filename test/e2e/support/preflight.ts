import { type PreflightReport, preflightReportSchema } from "../../../src/core/preflight/preflight-report.ts";

/** The report that a preflight writes to standard output, which must hold nothing else. */
export function reportIn({
  stdout,
  stderr,
}: {
  readonly stdout: string;
  readonly stderr: string;
}): PreflightReport {
  if (stdout === "") throw new Error(`there is no report: ${stderr}`);
  return preflightReportSchema.parse(JSON.parse(stdout));
}

/** The codes of what was found for each target (`namespace/release`). */
export function codesIn({ targets }: PreflightReport): Record<string, readonly string[]> {
  return Object.fromEntries(
    targets.map(({ namespace, release, findings }) => [
      `${namespace}/${release}`,
      findings.map(({ code }) => code),
    ]),
  );
}

/** What is to be done about what was found for a target, in order. */
export function remediesIn({ targets }: PreflightReport, id: string): string[] {
  return targets
    .filter(({ namespace, release }) => `${namespace}/${release}` === id)
    .flatMap(({ findings }) => findings.map(({ remedy }) => remedy));
}
