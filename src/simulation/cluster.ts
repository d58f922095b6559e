import type { Release, ReleaseId, Service, Tree } from "../core/common/release.ts";
import { type ClusterModel, modelOf, servicesProvided } from "./chart-model.ts";
import type { Clock } from "./clock.ts";
import type { Container } from "./container.ts";
import { type ContainerChanges, containerChanges } from "./container-changes.ts";
import { type CrashRecord, crashLog } from "./crash-log.ts";
import { type Fault, type Faults, faultsOf } from "./fault.ts";
import { type Helm, type HelmOutcome, type ReleaseStatus, simulatedHelm } from "./helm.ts";
import { type ProcessTable, processTable } from "./process-table.ts";
import { type RunningWithout, runningWithout } from "./running-without.ts";
import { type ClusterService, type ServiceDirectory, serviceDirectory } from "./service-directory.ts";
import { wikimediaModel } from "./wikimedia-model.ts";

export interface ClusterOptions {
  /** The releases that can be deployed. Nothing of it is there at the start. */
  readonly tree: Tree;
  /** The time that everything takes is told by it. */
  readonly clock: Clock;
  /** How releases behave, by chart and name. @default wikimediaModel */
  readonly model?: ClusterModel;
  /** The same seed gives the same durations. @default "0" */
  readonly seed?: string | number;
  /** What goes wrong, and where. @default none */
  readonly faults?: readonly Fault[];
}

/** The simulated Kubernetes cluster of one environment, and helm before it. */
export interface SimulatedCluster {
  readonly tree: Tree;
  readonly model: ClusterModel;
  status(release: ReleaseId): ReleaseStatus;
  /** Of every release that is not absent, in the order in which they were first installed. */
  statuses(): ReadonlyMap<ReleaseId, ReleaseStatus>;
  /** The Services of the namespace that kubelets know of now. */
  services(namespace: string): readonly ClusterService[];
  /** The containers of one release, or of all. */
  containers(release?: ReleaseId): readonly Container[];
  /** Every crash since the beginning, also of releases that are gone. */
  crashes(): readonly CrashRecord[];
  /** What runs now without a variable that it reads. */
  runningWithout(): readonly RunningWithout[];
  /** The release of the tree that would provide the Service in this namespace, deployed or not. */
  providerOf(namespace: string, service: string): ReleaseId | undefined;
  /**
   * Deploys releases side by side with helm alone, without helmfile's order, and waits for all of them.
   *
   * @throws Error if the tree does not have one of them.
   */
  deploy(releases: readonly ReleaseId[], signal?: AbortSignal): Promise<readonly Deployed[]>;
  uninstall(release: ReleaseId): Promise<void>;
  /** Restarts the release's containers: they get the Services that kubelets know of now. */
  restart(release: ReleaseId): void;
  /**
   * Deletes a Service and makes it anew, as by hand: it has another address, and what runs holds the old one, or
   * none, until it restarts. Kubelets take as long to learn of it as they took at first.
   *
   * @throws Error if there is none of that name.
   */
  recreateService(namespace: string, name: string): void;
  /**
   * Deletes a Service, as by hand. Its release stays deployed.
   *
   * @throws Error if there is none of that name.
   */
  removeService(namespace: string, name: string): void;
}

export interface Deployed {
  readonly release: ReleaseId;
  readonly outcome: HelmOutcome;
}

/** The cluster, and what the simulated helmfile and scap work with. */
export interface World {
  readonly cluster: SimulatedCluster;
  readonly clock: Clock;
  readonly helm: Helm;
  readonly processes: ProcessTable;
  readonly faults: Faults;
  readonly services: ServiceDirectory;
  readonly changes: ContainerChanges;
  release(id: string): Release | undefined;
  service(name: string): Service | undefined;
}

export function createWorld(options: ClusterOptions): World {
  const { tree, clock, model = wikimediaModel } = options;
  const faults = faultsOf(options.faults ?? []);
  const services = serviceDirectory(clock);
  const changes = containerChanges();
  const crashes = crashLog();
  const place = { clock, services, changes };
  const helm = simulatedHelm({ place, model, seed: String(options.seed ?? 0), faults, crashes });
  const processes = processTable(clock, faults);
  const releases = new Map<string, Release>(allReleases(tree).map((release) => [release.id, release]));
  const directories = new Map(tree.services.map((service) => [service.name, service]));
  const known = (id: ReleaseId): Release => {
    const release = releases.get(id);
    if (release === undefined) throw new Error(`the tree has no release ${id}`);
    return release;
  };
  const cluster: SimulatedCluster = {
    tree,
    model,
    status: (id) => helm.records.get(id)?.status ?? "absent",
    statuses: () => statusesOf(helm),
    services: (namespace) => services.known(namespace),
    containers: (id) => containersOf(helm, id),
    crashes: () => crashes.records(),
    runningWithout: () => runningWithout(containersOf(helm)),
    providerOf: (namespace, service) => providerOf(releases.values(), model, namespace, service),
    deploy: async (ids, signal) => await deploy(helm, processes, ids.map(known), signal),
    uninstall: async (id) => helm.uninstall(known(id)),
    restart: (id) => helm.records.get(id)?.workload?.restart(),
    recreateService: services.recreate,
    removeService: services.remove,
  };
  return {
    ...{ cluster, clock, helm, processes, faults, services, changes },
    release: (id) => releases.get(id),
    service: (name) => directories.get(name),
  };
}

function allReleases({ services }: Tree): readonly Release[] {
  return services.flatMap(({ releases }) => releases);
}

function statusesOf({ records }: Helm): ReadonlyMap<ReleaseId, ReleaseStatus> {
  const statuses = new Map<ReleaseId, ReleaseStatus>();
  for (const [id, { status }] of records) {
    if (status !== "absent") statuses.set(id, status);
  }
  return statuses;
}

function containersOf({ records }: Helm, id?: ReleaseId): readonly Container[] {
  if (id !== undefined) return records.get(id)?.workload?.containers ?? [];
  return [...records.values()].flatMap(({ workload }) => workload?.containers ?? []);
}

function providerOf(
  releases: Iterable<Release>,
  model: ClusterModel,
  namespace: string,
  service: string,
): ReleaseId | undefined {
  for (const release of releases) {
    if (release.namespace !== namespace || !release.installed) continue;
    if (servicesProvided(modelOf(model, release), release).includes(service)) return release.id;
  }
  return undefined;
}

async function deploy(
  helm: Helm,
  processes: ProcessTable,
  releases: readonly Release[],
  signal?: AbortSignal,
): Promise<readonly Deployed[]> {
  return await Promise.all(
    releases.map(async (release) => {
      const process = processes.start(signal);
      if (process === undefined) return { release: release.id, outcome: { kind: "killed", durationMs: 0 } };
      const outcome = await helm.upgrade(release, process.interruption);
      process.end();
      return { release: release.id, outcome };
    }),
  );
}
