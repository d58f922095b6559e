import type {
  ClusterReader,
  DaemonSetFacts,
  HelmRelease,
  Reading,
  ServiceFacts,
} from "../core/cluster/cluster-reader.ts";
import { fail, ok } from "../core/common/result.ts";
import type { World } from "./cluster.ts";
import type { Container } from "./container.ts";
import { containerLog } from "./container-log.ts";
import { podFacts } from "./pod-facts.ts";
import { watchPods } from "./pod-watch.ts";
import type { ClusterService } from "./service-directory.ts";
import type { Workload } from "./workload.ts";

/** As many as the DaemonSets of Wikimedia's model have pods. */
const nodes = { total: 12, ready: 12 };

/**
 * Looks at a simulated cluster as one looks at a real one. It answers at once, by the API: a Service is there from the
 * moment that helm hands it over, while kubelets still know nothing of it. A release without a namespace is found
 * under the empty name. What cannot be read is told by the faults of the kind `unreadable`.
 */
export function simulatedClusterReader(world: World): ClusterReader {
  const { cluster, clock, faults, services } = world;

  function read<Value>(what: keyof ClusterReader, value: () => Value): Reading<Value> {
    const failure = faults.unreadable(what, clock.now());
    return Promise.resolve(failure === undefined ? ok(value()) : fail(failure));
  }

  const containersIn = (namespace: string): readonly Container[] =>
    cluster.containers().filter((container) => container.namespace === namespace);

  return {
    identity: () =>
      read("identity", () => ({
        server: `simulated://${cluster.tree.environment}`,
        version: "simulated",
        nodes: ok(nodes),
      })),
    namespaces: () => read("namespaces", () => namespacesOf(world)),
    hasNamespace: (namespace) => read("hasNamespace", () => namespacesOf(world).includes(namespace)),
    podCounts: () => read("podCounts", () => countPods(cluster.containers())),
    releases: (namespace) =>
      read("releases", () =>
        releasesOf(world).filter((release) => namespace === undefined || release.namespace === namespace),
      ),
    services: (namespace) =>
      read("services", () => ({
        now: clock.now(),
        services: services.existing(namespace).map(serviceFacts),
      })),
    pods: (namespace) => read("pods", () => containersIn(namespace).map(podFacts)),
    podAges: (namespace) => read("pods", () => containersIn(namespace).map(podFacts)),
    daemonSets: (namespace) => read("daemonSets", () => daemonSetsIn(world, namespace)),
    configMap: () => read("configMap", () => undefined),
    log: ({ namespace, pod }, options) =>
      read("log", () => {
        const container = containersIn(namespace).find((one) => one.pod === pod);
        return container === undefined ? [] : containerLog(container, options);
      }),
    watch: (namespace, take, signal) => watchPods(world, { namespace, take, signal }),
  };
}

function namespacesOf({ cluster }: World): readonly string[] {
  const releases = cluster.tree.services.flatMap((service) => service.releases);
  const names = new Set(releases.map(({ namespace }) => namespace));
  names.delete("");
  return [...names].sort();
}

function countPods(containers: readonly Container[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { namespace } of containers) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  return counts;
}

function releasesOf({ helm }: World): readonly HelmRelease[] {
  return [...helm.records].flatMap(([id, { status, attempts }]) => {
    if (status === "absent") return [];
    const slash = id.indexOf("/");
    return [{ namespace: id.slice(0, slash), name: id.slice(slash + 1), status, revision: attempts }];
  });
}

function serviceFacts({ name, clusterIp, createdAt }: ClusterService): ServiceFacts {
  return { name, clusterIp, createdAt };
}

function daemonSetsIn({ helm }: World, namespace: string): readonly DaemonSetFacts[] {
  return [...helm.records.values()].flatMap(({ workload }) =>
    workload?.kind === "DaemonSet" && workload.release.namespace === namespace
      ? [daemonSetFacts(workload)]
      : [],
  );
}

/** Its controller sees it at once, and finds a node for each of the model's pods: none where that has none. */
function daemonSetFacts({ name, release, containers }: Workload): DaemonSetFacts {
  return {
    name,
    release: release.name,
    generation: 1,
    observedGeneration: 1,
    desired: containers.length,
    ready: containers.filter(({ ready }) => ready).length,
    updated: containers.length,
    nodeSelector: [],
  };
}
