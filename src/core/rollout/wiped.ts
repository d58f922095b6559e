import type { ClusterFailure } from "../cluster/cluster-failure.ts";
import type { ClusterIdentity, HelmRelease } from "../cluster/cluster-reader.ts";
import type { Result } from "../common/result.ts";
import { counted, firstOf } from "../common/words.ts";

/** What was found in a cluster before everything in it is deployed. */
export interface ClusterContents {
  readonly identity: Result<ClusterIdentity, ClusterFailure>;
  /** By namespace; only those that have any. */
  readonly pods: ReadonlyMap<string, number>;
  readonly namespaces: Result<readonly string[], ClusterFailure>;
  readonly releases: Result<readonly HelmRelease[], ClusterFailure>;
}

/** How many of many are named. */
const shown = 6;

/** Namespaces with pods that are none of the system's: a cluster without them is wiped. Pods alone decide. */
export function namespacesInUse(
  { pods }: Pick<ClusterContents, "pods">,
  systemNamespaces: readonly string[],
): readonly string[] {
  return [...pods.keys()].filter((namespace) => !systemNamespaces.includes(namespace)).sort();
}

/** What was found, in lines for people. */
export function renderContents(contents: ClusterContents, systemNamespaces: readonly string[]): string[] {
  const { identity, pods, namespaces, releases } = contents;
  const inUse = namespacesInUse(contents, systemNamespaces);
  const count = (names: readonly string[]) => names.reduce((sum, name) => sum + (pods.get(name) ?? 0), 0);
  const own = [...pods.keys()].filter((name) => systemNamespaces.includes(name));
  return [
    ...(identity.ok
      ? [
          `cluster: ${identity.value.server}, Kubernetes ${identity.value.version}`,
          describeNodes(identity.value),
        ]
      : [`cluster: ${identity.failure.message}`]),
    namespaces.ok
      ? `namespaces: ${namespaces.value.length}`
      : `namespaces: not known: ${namespaces.failure.message}`,
    `pods in system namespaces: ${count(own)}`,
    `pods in others: ${
      inUse.length === 0
        ? "none"
        : `${count(inUse)} (${firstOf(
            inUse.map((name) => `${name} ${pods.get(name)}`),
            shown,
          )})`
    }`,
    releases.ok
      ? `helm releases: ${releases.value.length === 0 ? "none" : `${releases.value.length} (${firstOf(releases.value.map(describeRelease), shown)})`}`
      : `helm releases: not known: ${releases.failure.message}`,
  ];
}

/** Which cluster it is, in few lines, for whoever is about to fill it. @param state what it looks like, in words */
export function renderIdentity(identity: ClusterContents["identity"], state: string): string[] {
  if (!identity.ok) return [`cluster: ${identity.failure.message}`, state];
  const { server, version } = identity.value;
  return [`cluster: ${server}, Kubernetes ${version}`, `${describeNodes(identity.value)}; ${state}`];
}

function describeNodes({ nodes }: ClusterIdentity): string {
  if (!nodes.ok) return `nodes: not known: ${nodes.failure.message}`;
  return `nodes: ${counted(nodes.value.total, "node")}, ${nodes.value.ready} ready`;
}

function describeRelease({ namespace, name, status }: HelmRelease): string {
  return status === "deployed" ? `${namespace}/${name}` : `${namespace}/${name} ${status}`;
}
