import type { ReleaseId } from "../core/release.ts";
import type { Cancel, Clock } from "./clock.ts";
import type { ClusterService, ServiceDirectory } from "./service-directory.ts";
import { variableOf } from "./service-variable.ts";

type ContainerState = "waiting" | "running" | "back-off" | "removed";

/** A container as one sees it from outside. */
export interface Container {
  readonly release: ReleaseId;
  readonly namespace: string;
  readonly pod: string;
  readonly state: ContainerState;
  readonly ready: boolean;
  readonly crashes: number;
  /** When it last started; absent before its first start. */
  readonly startedAt?: number;
  /** The Services that it got variables of: exactly those that its namespace had at its last start. */
  readonly services: readonly ClusterService[];
  /** The variables that it reads and did not get. */
  readonly missing: readonly string[];
}

export interface ContainerSpec {
  readonly release: ReleaseId;
  readonly namespace: string;
  readonly pod: string;
  readonly startDelayMs: number;
  readonly readyMs: number;
  /** The variables that it reads at its start. */
  readonly variables: readonly string[];
  readonly livesWithout: boolean;
  readonly onReady: () => void;
  readonly onCrash: (variable: string) => void;
}

/** What a container needs of the cluster around it. */
export interface ContainerPlace {
  readonly clock: Clock;
  readonly services: ServiceDirectory;
}

export interface RunningContainer extends Container {
  /** Starts it anew, with the Services that there are then. */
  restart(): void;
  remove(): void;
}

const nothing: readonly never[] = [];

/** kubelet's wait before the next start: 10 s, doubled with each crash, at most five minutes. */
export function backOffMs(crashes: number): number {
  return Math.min(10_000 * 2 ** (crashes - 1), 300_000);
}

/** Runs a container from its pod's creation on. Its timers are in the background: helm's waiting drives the clock. */
export function runContainer(spec: ContainerSpec, place: ContainerPlace): RunningContainer {
  const container = new SimulatedContainer(spec, place);
  container.startIn(spec.startDelayMs);
  return container;
}

class SimulatedContainer implements RunningContainer {
  readonly #spec: ContainerSpec;
  readonly #place: ContainerPlace;
  #timer: Cancel | undefined;
  state: ContainerState = "waiting";
  ready = false;
  crashes = 0;
  startedAt?: number;
  services: readonly ClusterService[] = nothing;
  missing: readonly string[] = nothing;

  constructor(spec: ContainerSpec, place: ContainerPlace) {
    this.#spec = spec;
    this.#place = place;
  }

  get release(): ReleaseId {
    return this.#spec.release;
  }

  get namespace(): string {
    return this.#spec.namespace;
  }

  get pod(): string {
    return this.#spec.pod;
  }

  startIn(ms: number): void {
    this.#timer = this.#place.clock.background(ms, () => this.#start());
  }

  restart(): void {
    if (this.state === "removed") return;
    this.#timer?.();
    this.ready = false;
    this.#start();
  }

  remove(): void {
    this.#timer?.();
    this.state = "removed";
    this.ready = false;
  }

  #start(): void {
    const { clock, services } = this.#place;
    this.startedAt = clock.now();
    this.services = services.in(this.namespace);
    this.missing = missingOf(this.#spec.variables, this.services);
    const [first] = this.missing;
    if (first !== undefined && !this.#spec.livesWithout) {
      this.#crash(first);
      return;
    }
    this.state = "running";
    this.#timer = clock.background(this.#spec.readyMs, () => {
      this.ready = true;
      this.#spec.onReady();
    });
  }

  #crash(variable: string): void {
    this.state = "back-off";
    this.crashes += 1;
    this.#spec.onCrash(variable);
    this.startIn(backOffMs(this.crashes));
  }
}

function missingOf(variables: readonly string[], services: readonly ClusterService[]): readonly string[] {
  if (variables.length === 0) return nothing;
  const given = new Set(services.map(({ name }) => variableOf(name)));
  return variables.filter((variable) => !given.has(variable));
}
