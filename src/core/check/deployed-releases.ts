import type { OpenCluster } from "../cluster/cluster-reader.ts";
import { isThere } from "../cluster/helm-status.ts";
import { namespacesAtOnce } from "../cluster/namespaces-at-once.ts";
import type { Tree } from "../common/release.ts";
import { sideBySide } from "../common/side-by-side.ts";
import { kubeconfigsOf } from "../plan/cluster-kubeconfigs.ts";
import { classify } from "../registry/classify.ts";
import type { Registry } from "../registry/registry.ts";

/** What helm has deployed in the namespaces of MediaWiki that a tree lists. */
export interface DeployedEnvironment {
  readonly environment: string;
  readonly namespaces: readonly DeployedNamespace[];
}

export interface DeployedNamespace {
  readonly namespace: string;
  /** By name, with helm's word for their status; absent where they could not be read, and `message` says why. */
  readonly releases?: readonly { readonly name: string; readonly status: string }[];
  readonly message?: string;
}

/** Looks at each namespace of MediaWiki by itself. What cannot be read is never taken for not there. */
export async function readDeployed(
  tree: Tree,
  { registry, open }: { readonly registry: Registry; readonly open: OpenCluster },
): Promise<DeployedEnvironment> {
  const { environment, services } = tree;
  const releases = services.flatMap((service) => service.releases);
  const listed = new Set(releases.map(({ namespace }) => namespace));
  const asked = [...classify(tree, registry).mediawikiNamespaces]
    .filter((name) => listed.has(name))
    .toSorted();
  const namespaces = await sideBySide(asked, {
    limit: namespacesAtOnce,
    work: async (namespace): Promise<DeployedNamespace> => {
      const named = releases
        .filter((release) => release.namespace === namespace)
        .flatMap(({ kubeconfig }) => kubeconfig ?? []);
      const reader = open(kubeconfigsOf(namespace, { template: registry.kubeconfig, environment, named }));
      const read = await reader.releases(namespace);
      if (!read.ok) return { namespace, message: read.failure.message };
      const there = read.value.filter(isThere);
      return { namespace, releases: there.map(({ name, status }) => ({ name, status })) };
    },
  });
  return { environment, namespaces };
}
