import { renderDiagnostic } from "../common/diagnostic.ts";
import { type Finding, findingSeverities } from "./finding.ts";

/**
 * For people: by severity, each with its place and what to do, and at the end how many there are.
 *
 * @param context.isNarrow only some services were asked about: then nobody looked for entries that match nothing
 */
export function renderFindings(
  findings: readonly Finding[],
  environments: readonly string[],
  { isNarrow = false }: { readonly isNarrow?: boolean } = {},
): string {
  const blocks = findingSeverities.flatMap((severity) =>
    findings.filter((one) => one.severity === severity).map((one) => renderFinding(one, environments)),
  );
  const unlooked = isNarrow ? `\n${notLookedFor}` : "";
  return [...blocks, `${summary(findings, environments)}${unlooked}`].join("\n\n");
}

const notLookedFor = "names in the registry that match nothing are looked for only without -s";

/** Where several environments were read, it is said in which of them. */
function renderFinding({ code, message, environments, ...rest }: Finding, read: readonly string[]): string {
  const where = environments && read.length > 1 ? `, in ${environments.join(", ")}` : "";
  return renderDiagnostic({ ...rest, code, message: `${message}${where} [${code}]` });
}

function summary(findings: readonly Finding[], environments: readonly string[]): string {
  const counts = findingSeverities.flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length;
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? "" : "s"}`];
  });
  return `${counts.length === 0 ? "nothing found" : counts.join(", ")}; read: ${environments.join(", ") || "nothing"}`;
}
