import type { Release } from "../core/release.ts";
import { type ReleaseModel, servicesProvided } from "./chart-model.ts";
import type { Cancel } from "./clock.ts";
import { type Container, type ContainerPlace, type RunningContainer, runContainer } from "./container.ts";
import type { CrashLog } from "./crash-log.ts";
import { draw, type Range } from "./draw.ts";
import { podName } from "./pod-name.ts";

export interface WorkloadSpec {
  readonly release: Release;
  readonly model: ReleaseModel;
  readonly attempt: number;
  /** How many times longer than usual everything takes. */
  readonly slowness: number;
  readonly seed: string;
  readonly crashes: CrashLog;
}

/** The objects of a release in the cluster: its pods and its Services. */
export interface Workload {
  readonly containers: readonly Container[];
  isReady(): boolean;
  /** Calls back once all containers are ready, at once if they are. */
  onReady(callback: () => void): Cancel;
  restart(): void;
  remove(): void;
}

/** Hands the objects to the API: from here on controllers and kubelets do their part. */
export function createWorkload(spec: WorkloadSpec, place: ContainerPlace): Workload {
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
  const cancelServices = createServices(spec, place);
  for (let index = 0; index < spec.model.pods; index += 1) {
    containers.push(createContainer(spec, place, index, report));
  }
  return {
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
      cancelServices();
      place.services.removeOf(release.namespace, release.id);
      for (const container of containers) container.remove();
    },
  };
}

function createServices(spec: WorkloadSpec, { clock, services }: ContainerPlace): Cancel {
  const { id, namespace } = spec.release;
  const timers = servicesProvided(spec.model, spec.release).map((name) =>
    clock.background(duration(spec, spec.model.serviceDelayMs, `service ${name}`), () =>
      services.add(namespace, { name, release: id, createdAt: clock.now() }),
    ),
  );
  return () => {
    for (const cancel of timers) cancel();
  };
}

function createContainer(
  spec: WorkloadSpec,
  place: ContainerPlace,
  index: number,
  onReady: () => void,
): RunningContainer {
  const { release, model, attempt, seed, crashes } = spec;
  const pod = podName({ release, kind: model.kind, attempt, index, seed });
  return runContainer(
    {
      release: release.id,
      namespace: release.namespace,
      pod,
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
