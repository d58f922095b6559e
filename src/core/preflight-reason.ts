import type { PreflightReport } from "./preflight-report.ts";

/** How many findings are told before it is said how to see all of them. */
const shown = 3;

/** Why a preflight is not ready, in one line. */
export function preflightReason({ environment, targets, couldNotCheck }: PreflightReport): string {
  const errors = targets
    .flatMap(({ findings }) => findings)
    .filter(({ severity }) => severity === "error")
    .map(({ subject, message }) => `${subject}: ${message}`);
  const unknown = couldNotCheck.map(({ message }) => `could not be checked: ${message}`);
  const reasons = [...new Set([...errors, ...unknown])];
  const rest = reasons.length - shown;
  const more = rest > 0 ? `; and ${rest} more (charlie-mediawiki preflight -e ${environment} tells all)` : "";
  return `the preflight is not ready: ${reasons.slice(0, shown).join("; ")}${more}`;
}
