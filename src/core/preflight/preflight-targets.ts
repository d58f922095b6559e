import type { HelmRelease } from "../cluster/cluster-reader.ts";
import { isKept } from "../cluster/helm-status.ts";
import { groupedBy } from "../common/grouped-by.ts";
import type { PreflightPair } from "../hooks/hooks.ts";
import { anyRelease, isNamedAtRunTime, membersOf } from "../registry/registry.ts";
import { isRequired } from "../registry/required-support.ts";
import { sortedBy } from "../tree/sorted-by.ts";
import { classBesideMediawiki, type PreflightKnowledge, unreadableService } from "./preflight-knowledge.ts";

/** The releases of one namespace that a preflight is about. */
export interface AskedNamespace {
  readonly namespace: string;
  readonly releases: readonly string[];
  /** Also those that the cluster has, as only it knows their names. */
  readonly andFound: boolean;
}

/** The targets by namespace; without targets those of MediaWiki in the whole environment. Sorted by name. */
export function namespacesAsked(
  targets: readonly PreflightPair[] | undefined,
  knowledge: PreflightKnowledge,
): AskedNamespace[] {
  if (!targets) return knowledge.listed ? askedByTree(knowledge) : askedByRegistry(knowledge);
  return askedFor(targets);
}

/** The names of a namespace's targets, now that the cluster has been looked at. Sorted. */
export function targetNames(
  { namespace, releases, andFound }: AskedNamespace,
  found: readonly HelmRelease[] | undefined,
  knowledge: PreflightKnowledge,
): string[] {
  const fromCluster = andFound ? mediawikiIn(namespace, found ?? [], knowledge) : [];
  const names = [...new Set([...releases, ...fromCluster])].toSorted();
  return names.length === 0 ? [anyRelease] : names;
}

/** The releases of MediaWiki that helm has in a namespace. */
export function mediawikiIn(
  namespace: string,
  releases: readonly HelmRelease[],
  knowledge: PreflightKnowledge,
): string[] {
  return releases
    .filter(isKept)
    .map(({ name }) => name)
    .filter((name) => classBesideMediawiki(namespace, name, knowledge) === undefined);
}

function askedByTree(knowledge: PreflightKnowledge): AskedNamespace[] {
  const { registry, listed } = knowledge;
  const installed = (listed?.classification.releases ?? []).filter(
    ({ release }) => release.installed && release.namespace !== "",
  );
  // What nothing classifies is never taken for harmless.
  const targets = installed
    .filter((one) => one.class === "mediawiki" || one.class === "unclassified")
    .map(({ release }) => ({ namespace: release.namespace, release: release.name }));
  const named = new Set(targets.map(({ namespace }) => namespace));
  const unnamed = [...new Set(installed.map(({ release }) => release.namespace))]
    .filter((namespace) => !named.has(namespace) && isNamedAtRunTime(namespace, registry))
    .map((namespace) => ({ namespace, release: anyRelease }));
  const byTree = askedFor([...targets, ...unnamed]);
  const known = new Set(byTree.map(({ namespace }) => namespace));
  const unread = askedByRegistry(knowledge).filter(
    ({ namespace }) => !known.has(namespace) && unreadableService(namespace, knowledge) !== undefined,
  );
  return [...byTree, ...unread].toSorted((one, other) => (one.namespace < other.namespace ? -1 : 1));
}

function askedByRegistry({ registry, environment }: PreflightKnowledge): AskedNamespace[] {
  return [...registry.namespaces.keys()].toSorted().flatMap((namespace) => {
    const members = membersOf(namespace, "mediawiki", registry);
    const names = members.filter((one) => isRequired(one, environment)).map(({ release }) => release);
    if (names.length === 0) return [];
    const releases = names.filter((name) => name !== anyRelease);
    return [{ namespace, releases, andFound: releases.length < names.length }];
  });
}

function askedFor(targets: readonly PreflightPair[]): AskedNamespace[] {
  const byNamespace = groupedBy(targets, ({ namespace }) => namespace);
  return sortedBy([...byNamespace], ([namespace]) => namespace).map(([namespace, group]) => ({
    namespace,
    releases: group.map(({ release }) => release),
    andFound: false,
  }));
}
