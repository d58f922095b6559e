import type { ClusterFailure } from "../../src/core/cluster/cluster-failure.ts";
import type {
  ClusterIdentity,
  ClusterReader,
  ContainerFacts,
  DaemonSetFacts,
  HelmRelease,
  OpenCluster,
  PodFacts,
  ServiceFacts,
  WatchTaker,
} from "../../src/core/cluster/cluster-reader.ts";
import { fail, ok, type Result } from "../../src/core/common/result.ts";

/** What a namespace of the fake holds. */
export interface FakeNamespace {
  readonly releases?: readonly HelmRelease[];
  readonly services?: readonly ServiceFacts[];
  readonly pods?: readonly PodFacts[];
  readonly daemonSets?: readonly DaemonSetFacts[];
  readonly configMaps?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** By `pod/container`. */
  readonly logs?: Readonly<Record<string, readonly string[]>>;
}

type ReadingName = Exclude<keyof ClusterReader, "watch" | "kubeconfig" | "server">;

/**
 * A cluster in memory. A test changes what is in it between readings, and tells which readings fail.
 *
 * @example
 * const cluster = new FakeCluster({ "mw-web": { releases: [helmRelease("mw-web/prometheus")] } });
 * cluster.fail("pods", { in: "mw-web" });
 * await preflight({ environment: "eqiad" }, { registry, open: cluster.open });
 */
export class FakeCluster implements ClusterReader {
  readonly contents: Map<string, FakeNamespace>;
  now = 0;
  who: ClusterIdentity = {
    server: "https://kube.example.org:6443",
    version: "v1.31.4",
    nodes: ok({ total: 2, ready: 2 }),
  };
  /** What was asked, in order, for example `pods mw-web`. */
  readonly asked: string[] = [];
  /** What it was opened with, in order. */
  readonly opened: (readonly string[])[] = [];
  readonly open: OpenCluster = (kubeconfigs) => {
    this.opened.push(kubeconfigs);
    return this;
  };
  readonly #failures = new Map<string, ClusterFailure>();
  readonly #watchers = new Set<{ readonly namespace: string; readonly take: WatchTaker }>();

  constructor(contents: Readonly<Record<string, FakeNamespace>> = {}) {
    this.contents = new Map(Object.entries(contents));
  }

  /** From now on this reading fails: in one namespace, or in all. */
  fail(reading: ReadingName, options: { readonly in?: string; readonly with?: ClusterFailure } = {}): void {
    this.#failures.set(options.in === undefined ? reading : `${reading} ${options.in}`, {
      kind: "forbidden",
      message: `${reading} may not be read`,
      ...options.with,
    });
  }

  /** Who watches a namespace now, to tell what happens in it. */
  watchersOf(namespace: string): WatchTaker[] {
    return [...this.#watchers].filter((one) => one.namespace === namespace).map(({ take }) => take);
  }

  identity: ClusterReader["identity"] = async () => this.#read("identity", () => this.who);
  namespaces: ClusterReader["namespaces"] = async () =>
    this.#read("namespaces", () => [...this.contents.keys()].sort());
  hasNamespace: ClusterReader["hasNamespace"] = async (namespace) =>
    this.#readIn("hasNamespace", namespace, (found) => found !== undefined);
  podCounts: ClusterReader["podCounts"] = async () =>
    this.#read("podCounts", () => {
      const counts = [...this.contents].map(([name, { pods = [] }]) => [name, pods.length] as const);
      return new Map(counts.filter(([, count]) => count > 0));
    });
  releases: ClusterReader["releases"] = async (namespace) =>
    namespace === undefined
      ? this.#read("releases", () => [...this.contents.values()].flatMap(({ releases = [] }) => releases))
      : this.#readIn("releases", namespace, (found) => found?.releases ?? []);
  services: ClusterReader["services"] = async (namespace) =>
    this.#readIn("services", namespace, (found) => ({ now: this.now, services: found?.services ?? [] }));
  pods: ClusterReader["pods"] = async (namespace) =>
    this.#readIn("pods", namespace, (found) => found?.pods ?? []);
  podAges: ClusterReader["podAges"] = async (namespace) =>
    this.#readIn("podAges", namespace, (found) => found?.pods ?? []);
  daemonSets: ClusterReader["daemonSets"] = async (namespace) =>
    this.#readIn("daemonSets", namespace, (found) => found?.daemonSets ?? []);
  configMap: ClusterReader["configMap"] = async (namespace, name) =>
    this.#readIn("configMap", namespace, (found) => found?.configMaps?.[name]);
  log: ClusterReader["log"] = async ({ namespace, pod, container }) =>
    this.#readIn("log", namespace, (found) => found?.logs?.[`${pod}/${container}`] ?? []);

  watch(namespace: string, take: WatchTaker, signal: AbortSignal): void {
    const watcher = { namespace, take };
    if (signal.aborted) return;
    this.#watchers.add(watcher);
    signal.addEventListener("abort", () => this.#watchers.delete(watcher));
  }

  #readIn<Value>(
    reading: ReadingName,
    namespace: string,
    value: (found: FakeNamespace | undefined) => Value,
  ): Result<Value, ClusterFailure> {
    return this.#read(`${reading} ${namespace}`, () => value(this.contents.get(namespace)));
  }

  #read<Value>(asked: string, value: () => Value): Result<Value, ClusterFailure> {
    this.asked.push(asked);
    // Who may not read pods may not read their ages either.
    const named = asked.replace(/^podAges/, "pods");
    const [reading = ""] = named.split(" ");
    const failure = this.#failures.get(named) ?? this.#failures.get(reading);
    return failure ? fail(failure) : ok(value());
  }
}

/** A release as helm records it. */
export function helmRelease(id: string, overrides: Partial<HelmRelease> = {}): HelmRelease {
  const [namespace = "", name = ""] = id.split("/");
  return { namespace, name, status: "deployed", revision: 1, ...overrides };
}

/** A Service with a cluster IP, made at the time 0. */
export function service(name: string, overrides: Partial<ServiceFacts> = {}): ServiceFacts {
  return { name, clusterIp: "10.0.0.1", createdAt: 0, ...overrides };
}

/** A pod of a Deployment that is named after its release: `mw-web/main` is the id of the release. */
export function pod(id: string, name: string, overrides: Partial<PodFacts> = {}): PodFacts {
  const [namespace = "", release = ""] = id.split("/");
  return {
    namespace,
    name,
    release,
    owner: { kind: "Deployment", name: release },
    createdAt: 0,
    deleted: false,
    containers: [container("php")],
    serviceLinks: true,
    ...overrides,
  };
}

/** A container that runs since the time 0. */
export function container(name: string, overrides: Partial<ContainerFacts> = {}): ContainerFacts {
  return {
    name,
    init: false,
    state: { kind: "running", startedAt: 0 },
    restarts: 0,
    variables: [],
    defaultedVariables: [],
    ownVariables: [],
    configMaps: [],
    envFromConfigMaps: [],
    hasSecretEnvironment: false,
    ...overrides,
  };
}
