import type { Release } from "../core/common/release.ts";
import { unreachable } from "../core/common/result.ts";
import type { Step } from "../core/plan/plan.ts";
import type { HelmOutcome } from "./helm.ts";

/** A release that helm is done with. */
export interface Finished {
  readonly release: Release;
  readonly outcome: HelmOutcome;
}

/** What helmfile prints when it begins with a release. */
export function upgrading({ name, chart, namespace }: Release): string {
  return `Upgrading release=${name}, chart=${chart}, namespace=${namespace}`;
}

/** What helmfile prints when it looks whether a release differs. */
export function comparing({ name, chart, namespace }: Release): string {
  return `Comparing release=${name}, chart=${chart}, namespace=${namespace}`;
}

/** What helm itself prints, which helmfile passes on when helm has ended. */
export function helmLines({ release, outcome }: Finished, action: Step["action"]): readonly string[] {
  const { name, namespace } = release;
  switch (outcome.kind) {
    case "deployed":
      return [installing(name), `NAME: ${name}`, `NAMESPACE: ${namespace}`, "STATUS: deployed"];
    case "unchanged":
      return action === "apply" ? [] : [`Release "${name}" has been upgraded. Happy Helming!`];
    case "failed":
    case "stopped":
      return [installing(name)];
    case "killed":
      return [];
    default:
      return unreachable(outcome);
  }
}

/** One of the tables at the end; no line if there is nothing to show. */
export function releaseTable(
  title: string,
  rows: readonly { readonly release: Release; readonly outcome?: HelmOutcome }[],
): readonly string[] {
  if (rows.length === 0) return [];
  const cells = rows.map(({ release: { name, namespace, chart }, outcome }) => [
    name,
    namespace,
    chart,
    outcome === undefined ? "" : `${Math.round(outcome.durationMs / 1000)}s`,
  ]);
  return ["", title, ...aligned([["NAME", "NAMESPACE", "CHART", "DURATION"], ...cells])];
}

/** The end of a failed run. Of several failures helmfile explains the first, its table names all. */
export function failureLines({ release: { name }, outcome }: Finished, helmfile: string): readonly string[] {
  if (outcome.kind !== "failed" && outcome.kind !== "stopped") return [];
  const error = `  Error: ${outcome.message}`;
  return [
    "",
    `in ${helmfile}: failed processing release ${name}: command "/usr/bin/helm" exited with non-zero status:`,
    "",
    "ERROR:",
    "  exit status 1",
    "",
    "STDERR:",
    error,
    "",
    "COMBINED OUTPUT:",
    `  ${installing(name)}`,
    error,
  ];
}

function installing(name: string): string {
  return `Release "${name}" does not exist. Installing it now.`;
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("   ")
      .trimEnd(),
  );
}
