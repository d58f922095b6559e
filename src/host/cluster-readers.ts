import type { ClusterReader, OpenCluster } from "../core/cluster/cluster-reader.ts";
import { namespacesOfReleases } from "../core/common/release.ts";
import { deployingKubeconfigs, kubeconfigsOf } from "../core/plan/cluster-kubeconfigs.ts";
import type { Plan } from "../core/plan/plan.ts";

/** Looks at one namespace of the plan's cluster, with the kubeconfig that deploys there. */
export function readerOf(plan: Plan, namespace: string, open: OpenCluster): ClusterReader {
  return open(deployingKubeconfigs(plan, namespace));
}

/** Looks at all namespaces, with a kubeconfig that may read them all, of whatever namespace of the plan has one. */
export function wideReader(plan: Plan, open: OpenCluster): ClusterReader {
  const { environment } = plan;
  const template = plan.cluster?.readKubeconfig;
  const namespaces = namespacesOf(plan);
  const reading =
    template === undefined
      ? []
      : namespaces.flatMap((namespace) => kubeconfigsOf(namespace, { template, environment }));
  const deploying = namespaces.flatMap((namespace) => deployingKubeconfigs(plan, namespace));
  return open([...new Set([...reading, ...deploying])]);
}

/** The namespaces that the plan deploys to. Where helmfile gives a release none, nobody here knows it. */
export function namespacesOf(plan: Plan): string[] {
  return namespacesOfReleases(plan.steps.flatMap(({ releases }) => releases));
}
