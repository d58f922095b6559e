import type { Release } from "../core/common/release.ts";
import { type ReleaseModel, servicesProvided, type WorkloadKind } from "./chart-model.ts";
import type { Cancel } from "./clock.ts";
import { type Container, type ContainerPlace, type RunningContainer, runContainer } from "./container.ts";
import type { CrashLog } from "./crash-log.ts";
import { draw, type Range } from "./draw.ts";
import { ownerName, podName, workloadName } from "./pod-name.ts";
import type { ServiceDirectory } from "./service-directory.ts";

export interface WorkloadSpec {
  readonly release: Release;
  readonly model: ReleaseModel;
  readonly attempt: number;
  /** How many times longer than usual everything takes. */
  readonly slowness: number;
  readonly seed: string;
  readonly crashes: CrashLog;
}

/** What the objects of a release need of the cluster around them. */
export interface WorkloadPlace extends ContainerPlace {
  readonly services: ServiceDirectory;
}

/** The objects of a release in the cluster: its pods and its Services. */
export interface Workload {
  readonly release: Release;
  readonly kind: WorkloadKind;
  /** The name of its Deployment or DaemonSet. */
  readonly name: string;
  readonly containers: readonly Container[];
  isReady(): boolean;
  /** Calls back once all containers are ready, at once if they are. */
  onReady(callback: () => void): Cancel;
  restart(): void;
  remove(): void;
}

/** Hands the objects to the API: from here on controllers and kubelets do their part. */
export function createWorkload(spec: WorkloadSpec, place: WorkloadPlace): Workload {
  const { release } = spec;
  const waiting = new Set<() => void>();
  const containers: RunningContainer[] = [];
  const isReady = (): boolean => containers.every(({ ready }) => ready);
  const report = (): void => {
    if (!isReady()) return;
    const callbacks = [...waiting];
    waiting.clear();
    for (const callback of callbacks) callback();
  };
  createServices(spec, place);
  for (let index = 0; index < spec.model.pods; index += 1) {
    containers.push(createContainer(spec, place, index, report));
  }
  return {
    release,
    kind: spec.model.kind,
    name: workloadName(release),
    containers,
    isReady,
    onReady: (callback) => {
      waiting.add(callback);
      report();
      return () => waiting.delete(callback);
    },
    restart: () => {
      for (const container of containers) container.restart();
    },
    remove: () => {
      place.services.removeOf(release.namespace, release.id);
      for (const container of containers) container.remove();
    },
  };
}

function createServices(spec: WorkloadSpec, { services }: WorkloadPlace): void {
  const { release, model } = spec;
  for (const name of servicesProvided(model, release)) {
    const lagMs = duration(spec, model.serviceDelayMs, `service ${name}`);
    services.create({ namespace: release.namespace, name, release: release.id, lagMs });
  }
}

function createContainer(
  spec: WorkloadSpec,
  place: ContainerPlace,
  index: number,
  onReady: () => void,
): RunningContainer {
  const { release, model, attempt, seed, crashes } = spec;
  const { kind } = model;
  const pod = podName({ release, kind, attempt, index, seed });
  return runContainer(
    {
      release: release.id,
      namespace: release.namespace,
      pod,
      owner: { kind, name: ownerName({ release, kind, index, seed }) },
      name: `${workloadName(release)}-app`,
      startDelayMs: duration(spec, model.startDelayMs, `start ${index}`),
      readyMs: duration(spec, model.readyMs, `ready ${index}`),
      variables: model.variables,
      livesWithout: model.livesWithout,
      onReady,
      onCrash: (variable) => crashes.add({ release: release.id, pod, variable, at: place.clock.now() }),
    },
    place,
  );
}

function duration({ seed, release, attempt, slowness }: WorkloadSpec, range: Range, what: string): number {
  return slowness * draw(range, `${seed}|${release.id}|${attempt}|${what}`);
}
