import { releaseId } from "../common/release.ts";
import type { DerivedEdge } from "../manifests/derived.ts";
import type { Member, NamespaceEntry, Waves } from "../registry/registry.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";

/**
 * Support releases that nobody was seen to need, and sequences without a dependency behind them. Only where manifests
 * show both sides. A sequence of MediaWiki's releases is about risk, canaries first, and needs no dependency.
 */
export function checkNeedlessOrder(facts: CheckFacts): Found[] {
  // Who needs something may be of a service that was not asked about.
  const all = facts.question.rendered ?? [];
  const seen: Seen = {
    rendered: new Set(all.flatMap(({ releases }) => releases.map(({ release }) => release))),
    edges: all.flatMap(({ derived }) => derived.edges),
    asked: new Set(facts.environments.flatMap(({ installed }) => installed.map(({ release }) => release.id))),
    isMediawiki: (id) => facts.environments.some(({ byId }) => byId.get(id)?.class === "mediawiki"),
  };
  return [...facts.registry.namespaces.values()].flatMap((entry) => [
    ...needlessSupport(entry, seen),
    ...needlessSequence(entry, "sequence", entry.sequence, seen),
    ...needlessSequence(entry, "other", entry.classes.other, seen),
  ]);
}

interface Seen {
  readonly rendered: ReadonlySet<string>;
  readonly edges: readonly DerivedEdge[];
  readonly asked: ReadonlySet<string>;
  readonly isMediawiki: (id: string) => boolean;
}

function needlessSupport(
  { namespace, classes }: NamespaceEntry,
  { rendered, edges, asked, isMediawiki }: Seen,
): Found[] {
  const showsMediawiki = [...rendered].some((id) => id.startsWith(`${namespace}/`) && isMediawiki(id));
  if (!showsMediawiki) return [];
  return (classes.support?.flat() ?? [])
    .map((member) => ({ member, id: releaseId(namespace, member.release) }))
    .filter(({ id }) => rendered.has(id) && asked.has(id) && !edges.some(({ to }) => to === id))
    .map(({ member, id }) => ({
      ...({ code: "needless-order", severity: "hint", subject: id, place: member.place } as const),
      message: `${id} is support, and no manifest shows that a release needs it`,
      remedy: "if nothing needs it, let it be other; if something does that manifests do not show, leave it",
    }));
}

function needlessSequence(
  { namespace }: NamespaceEntry,
  list: "sequence" | "other",
  waves: Waves = [],
  { rendered, edges, asked }: Seen,
): Found[] {
  const idsOf = (wave: readonly Member[]) => wave.map(({ release }) => releaseId(namespace, release));
  const ids = waves.flatMap(idsOf);
  if (waves.length < 2 || !ids.every((id) => rendered.has(id)) || !ids.some((id) => asked.has(id))) return [];
  const isNeeded = waves.some((wave, at) => {
    const later = new Set<string>(waves.slice(at + 1).flatMap(idsOf));
    return idsOf(wave).some((id) => edges.some(({ from, to }) => to === id && later.has(from)));
  });
  const [first] = waves.flat();
  if (isNeeded || !first) return [];
  return [
    {
      ...{ code: "needless-order", severity: "hint", subject: `namespaces.${namespace}.${list}` },
      message: `nothing in the ${list} of ${namespace} was seen to need what stands before it`,
      remedy: "if the order is on purpose (a canary first, say), leave it",
      place: first.place,
    },
  ];
}
