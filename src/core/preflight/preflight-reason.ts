import type { PreflightReport } from "./preflight-report.ts";

/** How many findings are told before it is said how to see all of them. */
const shown = 3;

/** Why a preflight is not ready, in one line, with the command that mends the first of it. */
export function preflightReason({ environment, targets, couldNotCheck }: PreflightReport): string {
  const errors = targets.flatMap(({ findings }) => findings).filter(({ severity }) => severity === "error");
  const found = errors.map(({ subject, message }) => `${subject}: ${message}`);
  const reasons = [...new Set([...found, ...couldNotCheck.map(({ message }) => message)])];
  const rest = reasons.length - shown;
  const more = rest > 0 ? `; and ${rest} more (charlie-mediawiki preflight -e ${environment} tells all)` : "";
  const [first] = errors;
  const remedy = first && first.remedy !== "" ? `; to do first: ${first.remedy}` : "";
  const verdict = first
    ? "the preflight is not ready"
    : "the preflight could not find out whether it is ready";
  return `${verdict}: ${reasons.slice(0, shown).join("; ")}${more}${remedy}`;
}
