import type { WatchTaker } from "../core/cluster/cluster-reader.ts";
import { onAbort } from "./abort.ts";
import type { World } from "./cluster.ts";
import type { Container } from "./container.ts";
import { podFacts } from "./pod-facts.ts";

export interface PodWatchOptions {
  readonly namespace: string;
  readonly take: WatchTaker;
  readonly signal: AbortSignal;
}

/**
 * Tells of each pod of the namespace, and of each change at the moment of the change, until the signal aborts. Its
 * only timers are in the background: looking does not keep a virtual clock running.
 */
export function watchPods(world: World, options: PodWatchOptions): void {
  const { clock, faults, changes } = world;
  const watch = new PodWatch(world, options);
  const stops = faults.unreadableChanges
    .filter((at) => at > clock.now())
    .map((at) => clock.background(at - clock.now(), () => watch.look()));
  stops.push(changes.listen(options.namespace, (container) => watch.changed(container)));
  onAbort(options.signal, () => {
    for (const stop of stops) stop();
  });
  // Nobody is called back before the call has returned, as with an answer that comes over the network.
  queueMicrotask(() => watch.look());
}

class PodWatch {
  readonly #world: World;
  readonly #options: PodWatchOptions;
  readonly #told = new Set<Container>();
  /** Undefined before the first look. */
  #sees: boolean | undefined;

  constructor(world: World, options: PodWatchOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Finds out whether it can see, and tells what it did not see until now. */
  look(): void {
    const { clock, cluster, faults } = this.#world;
    const { namespace, take, signal } = this.#options;
    const failure = faults.unreadable("watch", clock.now());
    const saw = this.#sees;
    this.#sees = failure === undefined;
    if (signal.aborted || saw === this.#sees) return;
    if (failure !== undefined) {
      take.failed(failure);
      return;
    }
    const present = cluster.containers().filter((container) => container.namespace === namespace);
    // What went meanwhile is told too.
    for (const container of new Set([...this.#told, ...present])) this.#tell(container);
  }

  changed(container: Container): void {
    if (this.#sees !== true) return;
    this.#tell(container);
    if (container.state === "back-off" && container.crashes === 1) this.#warn(container);
  }

  #tell(container: Container): void {
    const { take, signal } = this.#options;
    if (signal.aborted) return;
    if (container.state === "removed") this.#told.delete(container);
    else this.#told.add(container);
    take.pod(podFacts(container));
  }

  /** Once for each pod: later ones are the same event, counted up. */
  #warn({ namespace, pod }: Container): void {
    const { take, signal } = this.#options;
    if (signal.aborted) return;
    const message = "Back-off restarting failed container";
    take.event({ namespace, kind: "Pod", name: pod, reason: "BackOff", message });
  }
}
