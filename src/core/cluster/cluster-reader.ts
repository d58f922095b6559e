import type { Result } from "../common/result.ts";
import type { ClusterFailure } from "./cluster-failure.ts";

/** What was read of a cluster, or why it could not be read. */
export type Reading<Value> = Promise<Result<Value, ClusterFailure>>;

/**
 * Looks at one cluster with one kubeconfig. It never writes, every call has a time limit, and none of them throws
 * for what the world did. Times are milliseconds on the cluster's clock.
 */
export interface ClusterReader {
  /** The file that it looks with, for commands that people are shown; absent where that is not known. */
  readonly kubeconfig?: string;
  /**
   * The address of the server that its kubeconfig leads to, as {@link ClusterIdentity} has it; undefined where the file does
   * not tell. Asks nobody.
   */
  server?(): Promise<string | undefined>;
  /** Who it is: told before anything is deployed. */
  identity(): Reading<ClusterIdentity>;
  /** The namespaces of the cluster, by name. */
  namespaces(): Reading<readonly string[]>;
  hasNamespace(namespace: string): Reading<boolean>;
  /** How many pods there are, by namespace; namespaces without any are left out. */
  podCounts(): Reading<ReadonlyMap<string, number>>;
  /** helm's releases, from the metadata of its records: of one namespace, or of all. */
  releases(namespace?: string): Reading<readonly HelmRelease[]>;
  services(namespace: string): Reading<Services>;
  pods(namespace: string): Reading<readonly PodFacts[]>;
  /** How old the pods of a namespace are, from their metadata: for less than {@link pods} costs. */
  podAges(namespace: string): Reading<readonly PodAge[]>;
  daemonSets(namespace: string): Reading<readonly DaemonSetFacts[]>;
  /** The values of a ConfigMap, by key; undefined where there is none of that name. */
  configMap(namespace: string, name: string): Reading<Readonly<Record<string, string>> | undefined>;
  /** The last lines of a container's log; of the run before the present one where `previous` is set. */
  log(container: ContainerName, options?: { readonly previous?: boolean }): Reading<readonly string[]>;
  /**
   * Tells of each pod of a namespace and of each change to one, and of each event that is reported from now on, until
   * the signal aborts. Goes on by itself where the connection breaks off; `failed` is told once for each time
   * that it cannot see.
   */
  watch(namespace: string, take: WatchTaker, signal: AbortSignal): void;
}

/** What a watch tells, one call for each thing that happens. */
export interface WatchTaker {
  readonly pod: (pod: PodFacts) => void;
  readonly event: (event: EventFacts) => void;
  readonly failed: (failure: ClusterFailure) => void;
}

/** Which cluster it is. */
export interface ClusterIdentity {
  /** The API server's address. */
  readonly server: string;
  /** Its version, for example `v1.31.4`. */
  readonly version: string;
  /** How many nodes there are, or why that is not known. */
  readonly nodes: Result<{ readonly total: number; readonly ready: number }, ClusterFailure>;
}

/** A release of helm, by the newest of its records. */
export interface HelmRelease {
  readonly namespace: string;
  readonly name: string;
  /** helm's own word: `deployed`, `failed`, `pending-install`, `pending-upgrade`, `superseded`, `uninstalling`, … */
  readonly status: string;
  readonly revision: number;
  /** When its newest record was made: what helm does, or did last, was begun then. */
  readonly createdAt?: number;
  /**
   * The revision that it can be rolled back to: the newest that is `deployed`, else the newest that was (`superseded`; helm
   * says so of a failed one too, at times), else the newest that `failed`. Absent where there is none, or none is known.
   */
  readonly fallbackRevision?: number;
}

/** The Services of a namespace, as they were at one moment. */
export interface Services {
  /** The cluster's time when it answered. */
  readonly now: number;
  readonly services: readonly ServiceFacts[];
}

/** A Kubernetes Service. `createdAt` is in milliseconds on the cluster's clock. */
export interface ServiceFacts {
  readonly name: string;
  /** Absent where it has none yet; `None` where it is headless and never gets one. */
  readonly clusterIp?: string;
  readonly createdAt: number;
}

/** A DaemonSet, and how far its pods are. */
export interface DaemonSetFacts {
  readonly name: string;
  /** The name of the helm release that made it; absent where none did. */
  readonly release?: string;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly desired: number;
  readonly ready: number;
  /** Pods of the newest template; absent where old ones are replaced by hand only. */
  readonly updated?: number;
  /** `key=value` of each label that a node must have. */
  readonly nodeSelector: readonly string[];
}

/** A pod with its containers. */
export interface PodFacts {
  readonly namespace: string;
  readonly name: string;
  /** The name of the helm release that it belongs to, by its labels; absent where they do not say. */
  readonly release?: string;
  /** What keeps it: the Deployment behind a ReplicaSet, else the owner itself; absent for a bare pod. */
  readonly owner?: { readonly kind: string; readonly name: string };
  readonly createdAt: number;
  /** It is being removed, or gone. */
  readonly deleted: boolean;
  /** Why no node takes it; absent where one did. */
  readonly unschedulable?: string;
  readonly containers: readonly ContainerFacts[];
  /** Whether its containers get variables of Services at all. */
  readonly serviceLinks: boolean;
}

/** A pod's name, when it was made (milliseconds on the cluster's clock), and whether it goes away. */
export type PodAge = Pick<PodFacts, "name" | "createdAt" | "deleted">;

/**
 * A container of a pod: how it is, and what its specification asks of its surroundings. Times are milliseconds on the
 * cluster's clock.
 */
export interface ContainerFacts {
  readonly name: string;
  /** Whether it must end before the others begin. */
  readonly init: boolean;
  readonly state:
    | { readonly kind: "waiting"; readonly reason: string; readonly message?: string }
    | { readonly kind: "running"; readonly startedAt: number }
    | Ended;
  /** How it ended the last time. */
  readonly lastEnd?: Ended;
  readonly restarts: number;
  /** Variables of Services (`X_SERVICE_HOST`, `X_SERVICE_PORT`) that its own specification mentions and does not set. */
  readonly variables: readonly string[];
  /** Those of `variables` that it mentions only with a default: it can do without them. */
  readonly defaultedVariables: readonly string[];
  /** Variables that its specification sets itself. */
  readonly ownVariables: readonly string[];
  /** ConfigMaps that it mounts or takes variables from. */
  readonly configMaps: readonly string[];
  /** Those of `configMaps` all of whose keys are variables of its own, and what is put before each key. */
  readonly envFromConfigMaps: readonly EnvironmentSource[];
  /** It takes all keys of a Secret as variables. Nobody reads Secrets, so which it sets itself is not known. */
  readonly hasSecretEnvironment: boolean;
}

export interface EnvironmentSource {
  readonly name: string;
  /** Mostly empty. */
  readonly prefix: string;
}

/** A container that has ended. */
export interface Ended {
  readonly kind: "ended";
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  /** When it had started. */
  readonly startedAt?: number;
}

/** Where a container's log is. */
export interface ContainerName {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A warning that was reported about an object of a namespace. */
export interface EventFacts {
  readonly namespace: string;
  /** What it is about. */
  readonly kind: string;
  readonly name: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * Finds the way to a cluster: the first of these files that exists, unless the operator named one. Told what was
 * tried where there is none.
 */
export type OpenCluster = (kubeconfigs: readonly string[]) => ClusterReader;
