import { groupedBy } from "../common/grouped-by.ts";
import { counted, firstOf } from "../common/words.ts";
import { readinessOf } from "../preflight/preflight.ts";
import {
  type PreflightFinding,
  type PreflightReport,
  type PreflightTarget,
  preflightSeverities,
} from "../preflight/preflight-report.ts";

/** A report for people: whether it is ready, then what stands in the way by namespace, and what mends it. */
export function renderPreflight(report: PreflightReport): string {
  const told = groupFindings(report.targets);
  const pressing = told.filter(({ finding }) => finding.severity !== "info");
  const notes = told.filter(({ finding }) => finding.severity === "info");
  const namespaces = [...new Set(pressing.map(({ namespace }) => namespace))].toSorted();
  const blocks = [
    ...namespaces.map((name) => [
      `${name}:`,
      ...pressing.filter(({ namespace }) => namespace === name).flatMap(renderFinding),
    ]),
    renderUnchecked(report.couldNotCheck),
    notes.map(renderNote),
  ];
  return [
    verdictOf(report),
    ...blocks.filter((lines) => lines.length > 0).map((lines) => lines.join("\n")),
  ].join("\n\n");
}

function verdictOf(report: PreflightReport): string {
  const { environment, targets } = report;
  if (targets.length === 0) return `ready: there is no release of MediaWiki to check in ${environment}`;
  const whose = targets.every(isOfMediawiki) ? " of MediaWiki" : "";
  const all = `${counted(targets.length, "release")}${whose} in ${environment}`;
  const unready = targets.filter(({ ready }) => !ready).length;
  switch (readinessOf(report)) {
    case "ready":
      return `ready: ${all}`;
    case "not-ready":
      return `not ready: ${unready} of ${all}`;
    case "unknown":
      return `not known whether ready: ${unready} of ${all}`;
  }
}

/** As far as anybody knows. */
function isOfMediawiki({ findings }: PreflightTarget): boolean {
  return !findings.some(({ code }) => code === "not-mediawiki" || code === "class-unknown");
}

/** One finding, and the releases of the namespace that it was found for. */
interface Told {
  readonly namespace: string;
  readonly finding: PreflightFinding;
  readonly releases: readonly string[];
}

function groupFindings(targets: readonly PreflightTarget[]): Told[] {
  const all = targets.flatMap(({ namespace, release, findings }) =>
    findings.map((finding) => ({ namespace, release, finding })),
  );
  const told = grouped(all, {
    key: ({ namespace, finding }) => JSON.stringify([namespace, finding]),
    name: ({ release }) => release,
  }).map(({ item: { namespace, finding }, names }) => ({ namespace, finding, releases: names }));
  return preflightSeverities.flatMap((severity) =>
    told.filter(({ finding }) => finding.severity === severity),
  );
}

function renderFinding({ namespace, finding, releases }: Told): string[] {
  const { severity, subject, message, remedy } = finding;
  const isOwn = releases.every((release) => subject === `release ${namespace}/${release}`);
  const held = isOwn ? "" : ` [${releases.join(", ")}]`;
  return [`  ${severity}: ${subject}: ${message}${held}`, ...renderRemedy(remedy)];
}

function renderRemedy(remedy: string): string[] {
  if (remedy === "") return [];
  const [first, ...rest] = remedy.split("\n");
  return [`    to do: ${first}`, ...rest.map((line) => `      ${line}`)];
}

/** What could not be checked for one and the same reason is told once. */
function renderUnchecked(unchecked: PreflightReport["couldNotCheck"]): string[] {
  const bySubject = grouped(unchecked, {
    key: ({ namespace, message }) => `${namespace} ${message}`,
    name: ({ subject }) => subject,
  }).map(({ item: { namespace, message }, names }) => ({ namespace, message, subjects: names.join(", ") }));
  const byReason = grouped(bySubject, {
    key: ({ subjects, message }) => `${subjects} ${message}`,
    name: ({ namespace }) => namespace,
  });
  const lines = byReason.map(
    ({ item: { subjects, message }, names }) => `  ${subjects} of ${firstOf(names, 4)}: ${message}`,
  );
  return lines.length === 0 ? [] : ["could not be checked:", ...lines];
}

/** The first of the items with the same key, with the names of all of them. */
function grouped<Item>(
  items: readonly Item[],
  { key, name }: { readonly key: (item: Item) => string; readonly name: (item: Item) => string },
): { readonly item: Item; readonly names: readonly string[] }[] {
  return [...groupedBy(items, key).values()].flatMap((group) =>
    group.slice(0, 1).map((item) => ({ item, names: group.map(name) })),
  );
}

function renderNote({ finding: { subject, message, remedy } }: Told): string {
  return `note: ${subject}: ${message}${remedy === "" ? "" : ` (${remedy})`}`;
}
