import type { Place } from "../common/diagnostic.ts";
import { groupedBy } from "../common/grouped-by.ts";
import type { DerivedEvidence } from "../manifests/derived.ts";
import type { RegistryChange } from "./registry-change.ts";

/** `hint`: worth a thought, and no fault: it does not fail a check. */
export const findingSeverities = ["error", "warning", "hint"] as const;
/** How much a finding weighs: {@link Finding}. */
export type FindingSeverity = (typeof findingSeverities)[number];

/** Something that a check of registry and tree found. */
export interface Finding {
  /** Stable word for programs, for example `unused-entry`. */
  readonly code: string;
  readonly severity: FindingSeverity;
  /** What it is about: a release (`namespace/name`), a service, or an entry of the registry. */
  readonly subject: string;
  readonly message: string;
  /** Where it was found, sorted; absent where it is about all that was read. */
  readonly environments?: readonly string[];
  /** What to do about it; may have several lines. */
  readonly remedy?: string;
  readonly place?: Place;
}

/** A finding in one environment, before those of several are put together. */
export interface Found extends Omit<Finding, "environments"> {
  readonly environment?: string;
  /** The lines of manifests that show it. The first is told. */
  readonly evidence?: readonly DerivedEvidence[];
  /** What might mend it in the registry, the most likely first; absent where that is for people to decide. */
  readonly changes?: readonly RegistryChange[];
}

/** A finding, and what might mend it in the registry. */
export interface ChangeableFinding {
  readonly finding: Finding;
  readonly changes: readonly RegistryChange[];
}

/**
 * What was found in several environments becomes one finding that names them. Sorted by severity, then by code and
 * subject: the same whatever the order of `found` is.
 */
export function joinFindings(found: readonly Found[]): ChangeableFinding[] {
  const sorted = found.toSorted((left, right) => compare(left.environment ?? "", right.environment ?? ""));
  const groups = groupedBy(sorted, ({ code, severity, subject, message, remedy }) =>
    JSON.stringify([code, severity, subject, message, remedy]),
  );
  return [...groups.values()]
    .flatMap((group) => joinGroup(group).map((finding) => ({ finding, changes: changesOf(group) })))
    .toSorted((one, other) => byWeight(one.finding, other.finding));
}

/** Each once, in the order of the environments. */
function changesOf(group: readonly Found[]): RegistryChange[] {
  const changes = group.flatMap((one) => one.changes ?? []);
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

function joinGroup(group: readonly Found[]): Finding[] {
  const [first] = group.toSorted((left, right) => compare(sortKey(left), sortKey(right)));
  if (!first) return [];
  const environments = [...new Set(group.flatMap(({ environment }) => environment ?? []))].toSorted(compare);
  const { code, severity, subject, message, remedy, place, evidence = [] } = first;
  return [
    {
      ...{ code, severity, subject },
      message: `${message}${renderEvidence(evidence)}`,
      ...(environments.length > 0 ? { environments } : {}),
      ...(remedy === undefined ? {} : { remedy }),
      ...(place ? { place } : {}),
    },
  ];
}

function renderEvidence([first, ...others]: readonly DerivedEvidence[]): string {
  if (!first) return "";
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return ` (${first.kind} ${first.name}, ${first.file}:${first.line}${more})`;
}

function sortKey({ environment, place, evidence }: Found): string {
  return JSON.stringify([environment ?? "", place ?? null, evidence ?? []]);
}

function byWeight(one: Finding, other: Finding): number {
  return (
    findingSeverities.indexOf(one.severity) - findingSeverities.indexOf(other.severity) ||
    compare(one.code, other.code) ||
    compare(one.subject, other.subject) ||
    compare(one.message, other.message) ||
    compare(one.remedy ?? "", other.remedy ?? "")
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
