import type {
  ClusterReader,
  HelmRelease,
  PodAge,
  PodFacts,
  Reading,
  ServiceFacts,
} from "../cluster/cluster-reader.ts";
import { ok } from "../common/result.ts";
import { type ConfigMapFacts, configMapFacts } from "../evidence/missing-variables.ts";
import type { PreflightReport } from "./preflight-report.ts";
import { runningSince, serviceStart } from "./stale-containers.ts";

/** What was read of a namespace. What is undefined could not be read, and `unread` says why. */
export interface NamespaceFacts {
  readonly namespace: string;
  /** It is not in the cluster. */
  readonly isMissing: boolean;
  readonly releases: readonly HelmRelease[] | undefined;
  readonly services: readonly ServiceFacts[] | undefined;
  /** By name; none where all of them came after the Services that matter had settled: so did their containers then. */
  readonly pods: readonly PodFacts[] | undefined;
  /** What matters of ConfigMaps, by name: of those that had to be read. */
  readonly configMaps: ReadonlyMap<string, ConfigMapFacts>;
  readonly unread: Readonly<PreflightReport["couldNotCheck"]>;
  /** The file that commands have to name. */
  readonly kubeconfig: string | undefined;
}

/**
 * Three readings side by side, whatever becomes of each. Only where all of them found nothing a fourth one tells an
 * empty namespace from one that is not there; only where a pod was made before a Service that matters had settled, its
 * containers are looked at; and only where one of these Services came or settled between the start of one container of
 * a pod and that of another, ConfigMaps tell which of them want its variable. ConfigMaps whose keys are variables of an
 * older container are read, too: it may have the variable from there.
 *
 * @param context.wanted names of the Services that matter
 * @param context.settleSeconds how long kubelets may take to learn of a Service
 */
export async function readNamespace(
  namespace: string,
  context: {
    readonly reader: ClusterReader;
    readonly kubeconfigs: readonly string[];
    readonly wanted: ReadonlySet<string>;
    readonly settleSeconds: number;
  },
): Promise<NamespaceFacts> {
  const { reader, kubeconfigs, wanted, settleSeconds } = context;
  const kubeconfig = reader.kubeconfig ?? kubeconfigs[0];
  // A release without one is in the namespace of its kubeconfig: to ask for it would be to ask for all of them.
  if (namespace === "") return { ...unseen, kubeconfig };
  const [releases, services, ages] = await Promise.all([
    reader.releases(namespace),
    reader.services(namespace),
    reader.podAges(namespace),
  ]);
  const isEmpty =
    releases.ok &&
    services.ok &&
    ages.ok &&
    releases.value.length + services.value.services.length + ages.value.length === 0;
  const there = isEmpty ? await reader.hasNamespace(namespace) : undefined;
  const matter = services.ok ? services.value.services.filter(({ name }) => wanted.has(name)) : [];
  const pods = ages.ok
    ? await readOlderPods(namespace, { ages: ages.value, services: matter, settleSeconds, reader })
    : ages;
  const asked = pods.ok ? decidingConfigMaps(pods.value, matter, settleSeconds) : [];
  const readings = { "helm releases": releases, Services: services, pods, namespace: there };
  return {
    namespace,
    isMissing: there?.ok === true && !there.value,
    releases: releases.ok ? releases.value : undefined,
    services: services.ok ? services.value.services : undefined,
    pods: pods.ok ? pods.value.toSorted((one, other) => (one.name < other.name ? -1 : 1)) : undefined,
    configMaps: await readConfigMaps(namespace, asked, reader),
    unread: Object.entries(readings).flatMap(([subject, reading]) =>
      reading && !reading.ok
        ? [{ namespace, subject, code: reading.failure.kind, message: reading.failure.message }]
        : [],
    ),
    kubeconfig,
  };
}

/** Pods in full, with all of their containers, only where one may have started before a Service had settled. */
async function readOlderPods(
  namespace: string,
  context: {
    readonly ages: readonly PodAge[];
    readonly services: readonly ServiceFacts[];
    readonly settleSeconds: number;
    readonly reader: ClusterReader;
  },
): Reading<readonly PodFacts[]> {
  const { ages, services, settleSeconds, reader } = context;
  const createdAt = Math.max(...services.map((service) => service.createdAt));
  const hasOlder = ages.some(
    (pod) => !pod.deleted && serviceStart(pod.createdAt, { createdAt }, settleSeconds) !== "after",
  );
  return hasOlder ? reader.pods(namespace) : ok([]);
}

/** How many ConfigMaps of a namespace are read at most: more have no part in what MediaWiki's charts do. */
const mostConfigMaps = 16;

/**
 * The ConfigMaps of pods in which a Service came or settled between the start of one container and that of another, and
 * those that older containers take all their variables from.
 */
function decidingConfigMaps(
  pods: readonly PodFacts[],
  services: readonly ServiceFacts[],
  settleSeconds: number,
): string[] {
  const undecided = pods.filter(({ containers }) => {
    const starts = containers.filter(({ init }) => !init).flatMap(runningSince);
    return services.some(
      (service) => new Set(starts.map((start) => serviceStart(start, service, settleSeconds))).size > 1,
    );
  });
  const older = pods
    .flatMap(({ containers }) => containers)
    .filter((container) =>
      runningSince(container).some((start) =>
        services.some((service) => serviceStart(start, service, settleSeconds) !== "after"),
      ),
    );
  const names = [
    ...older.flatMap(({ envFromConfigMaps }) => envFromConfigMaps.map(({ name }) => name)),
    ...undecided.flatMap(({ containers }) => containers.flatMap(({ configMaps }) => configMaps)),
  ];
  return [...new Set(names)].slice(0, mostConfigMaps);
}

/** One that cannot be read says nothing: then every container of the pod counts. */
async function readConfigMaps(
  namespace: string,
  names: readonly string[],
  reader: ClusterReader,
): Promise<NamespaceFacts["configMaps"]> {
  const read = await Promise.all(
    names.map(async (name) => {
      const found = await reader.configMap(namespace, name);
      return [name, configMapFacts((found.ok && found.value) || {})] as const;
    }),
  );
  return new Map(read);
}

const unseen = {
  namespace: "",
  isMissing: false,
  releases: undefined,
  services: undefined,
  pods: undefined,
  configMaps: new Map(),
  unread: [],
} as const;
