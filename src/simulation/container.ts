import type { ReleaseId } from "../core/common/release.ts";
import { variableOf } from "../core/manifests/service-variable.ts";
import type { WorkloadKind } from "./chart-model.ts";
import type { Cancel, Clock } from "./clock.ts";
import type { ContainerChanges } from "./container-changes.ts";
import type { ClusterService, ServiceDirectory } from "./service-directory.ts";

type ContainerState = "waiting" | "running" | "back-off" | "removed";

/** What a container is from its creation on. */
interface ContainerIdentity {
  readonly release: ReleaseId;
  readonly namespace: string;
  readonly pod: string;
  /** What keeps its pod. */
  readonly owner: { readonly kind: WorkloadKind; readonly name: string };
  /** Its own name within the pod. */
  readonly name: string;
  /** The variables that it reads at its start. */
  readonly variables: readonly string[];
}

/** A container as one sees it from outside. */
export interface Container extends ContainerIdentity {
  /** When its pod was. */
  readonly createdAt: number;
  readonly state: ContainerState;
  readonly ready: boolean;
  readonly crashes: number;
  /** How often it ended, by a crash or because it was restarted. */
  readonly restarts: number;
  /** When it last started; absent before its first start. */
  readonly startedAt?: number;
  /** How it ended the last time; absent where it never did. */
  readonly lastEnd?: ContainerEnd;
  /** The Services that it got variables of: exactly those that kubelets knew of at its last start. */
  readonly services: readonly ClusterService[];
  /** The variables that it reads and did not get. */
  readonly missing: readonly string[];
}

/** The end of one run of a container. */
interface ContainerEnd {
  readonly startedAt: number;
  readonly exitCode: number;
}

export interface ContainerSpec extends ContainerIdentity {
  readonly startDelayMs: number;
  readonly readyMs: number;
  readonly livesWithout: boolean;
  readonly onReady: () => void;
  readonly onCrash: (variable: string) => void;
}

/** What a container needs of the cluster around it. */
export interface ContainerPlace {
  readonly clock: Clock;
  readonly services: Pick<ServiceDirectory, "known">;
  readonly changes: Pick<ContainerChanges, "tell">;
}

export interface RunningContainer extends Container {
  /** Starts it anew, with the Services that there are then. */
  restart(): void;
  remove(): void;
}

const nothing: readonly never[] = [];

/** How php-fpm ends when it cannot read its configuration. */
const configurationFailure = 78;

/** kubelet's wait before the next start: 10 s, doubled with each crash, at most five minutes. */
export function backOffMs(crashes: number): number {
  return Math.min(10_000 * 2 ** (crashes - 1), 300_000);
}

/** Runs a container from its pod's creation on. Its timers are in the background: helm's waiting drives the clock. */
export function runContainer(spec: ContainerSpec, place: ContainerPlace): RunningContainer {
  const container = new SimulatedContainer(spec, place);
  container.startIn(spec.startDelayMs);
  place.changes.tell(container);
  return container;
}

class SimulatedContainer implements RunningContainer {
  readonly #spec: ContainerSpec;
  readonly #place: ContainerPlace;
  readonly createdAt: number;
  #timer: Cancel | undefined;
  state: ContainerState = "waiting";
  ready = false;
  crashes = 0;
  restarts = 0;
  startedAt?: number;
  lastEnd?: ContainerEnd;
  services: readonly ClusterService[] = nothing;
  missing: readonly string[] = nothing;

  constructor(spec: ContainerSpec, place: ContainerPlace) {
    this.#spec = spec;
    this.#place = place;
    this.createdAt = place.clock.now();
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

  get owner(): ContainerIdentity["owner"] {
    return this.#spec.owner;
  }

  get name(): string {
    return this.#spec.name;
  }

  get variables(): readonly string[] {
    return this.#spec.variables;
  }

  startIn(ms: number): void {
    this.#timer = this.#place.clock.background(ms, () => this.#start());
  }

  restart(): void {
    if (this.state === "removed") return;
    this.#timer?.();
    if (this.state === "running") this.#end(0);
    this.#start();
  }

  remove(): void {
    this.#timer?.();
    this.state = "removed";
    this.ready = false;
    this.#place.changes.tell(this);
  }

  #start(): void {
    const { clock, services, changes } = this.#place;
    this.startedAt = clock.now();
    this.services = services.known(this.namespace);
    this.missing = missingOf(this.variables, this.services);
    const [first] = this.missing;
    if (first === undefined || this.#spec.livesWithout) this.#run();
    else this.#crash(first);
    changes.tell(this);
  }

  #run(): void {
    this.state = "running";
    this.#timer = this.#place.clock.background(this.#spec.readyMs, () => {
      this.ready = true;
      this.#spec.onReady();
      this.#place.changes.tell(this);
    });
  }

  #crash(variable: string): void {
    this.state = "back-off";
    this.crashes += 1;
    this.#end(configurationFailure);
    this.#spec.onCrash(variable);
    this.startIn(backOffMs(this.crashes));
  }

  #end(exitCode: number): void {
    this.ready = false;
    this.restarts += 1;
    this.lastEnd = { startedAt: this.startedAt ?? this.createdAt, exitCode };
  }
}

function missingOf(variables: readonly string[], services: readonly ClusterService[]): readonly string[] {
  if (variables.length === 0) return nothing;
  const given = new Set(services.map(({ name }) => variableOf(name)));
  return variables.filter((variable) => !given.has(variable));
}
