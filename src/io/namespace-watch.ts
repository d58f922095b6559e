import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import type { ClusterReader, PodFacts, WatchTaker } from "../core/cluster/cluster-reader.ts";

/** The watches of namespaces, of which all steps that run in one share the same. */
export class NamespaceWatches {
  readonly #watches = new Map<string, NamespaceWatch>();

  of(namespace: string, open: () => ClusterReader): NamespaceWatch {
    const known = this.#watches.get(namespace);
    if (known) return known;
    const watch = new NamespaceWatch(namespace, open(), () => {
      if (this.#watches.get(namespace) === watch) this.#watches.delete(namespace);
    });
    this.#watches.set(namespace, watch);
    return watch;
  }
}

/** One namespace, watched as long as somebody listens. */
export class NamespaceWatch {
  readonly namespace: string;
  readonly reader: ClusterReader;
  readonly #onIdle: () => void;
  readonly #takers = new Set<WatchTaker>();
  /** The pods as they are now, for those who come later. */
  readonly #pods = new Map<string, PodFacts>();
  /** Why nothing is seen at present. */
  #failure: ClusterFailure | undefined;
  #stop: AbortController | undefined;

  constructor(namespace: string, reader: ClusterReader, onIdle: () => void) {
    this.namespace = namespace;
    this.reader = reader;
    this.#onIdle = onIdle;
  }

  /** Tells the taker what is there, and what changes from now on. Returns what ends that. */
  listen(taker: WatchTaker): () => void {
    this.#takers.add(taker);
    if (this.#stop) this.#tellState(taker);
    else this.#start();
    return () => {
      if (!this.#takers.delete(taker) || this.#takers.size > 0) return;
      this.#stop?.abort();
      this.#stop = undefined;
      this.#pods.clear();
      this.#failure = undefined;
      this.#onIdle();
    };
  }

  #tellState(taker: WatchTaker): void {
    for (const pod of this.#pods.values()) taker.pod(pod);
    if (this.#failure) taker.failed(this.#failure);
  }

  #start(): void {
    const stop = new AbortController();
    this.#stop = stop;
    const tell = (say: (taker: WatchTaker) => void) => {
      // What is on its way when the watch ends is nobody's any more.
      if (!stop.signal.aborted) for (const taker of [...this.#takers]) say(taker);
    };
    this.reader.watch(
      this.namespace,
      {
        pod: (pod) => {
          this.#failure = undefined;
          if (pod.deleted) this.#pods.delete(pod.name);
          else this.#pods.set(pod.name, pod);
          tell((taker) => taker.pod(pod));
        },
        event: (event) => {
          this.#failure = undefined;
          tell((taker) => taker.event(event));
        },
        failed: (failure) => {
          this.#failure = failure;
          tell((taker) => taker.failed(failure));
        },
      },
      stop.signal,
    );
  }
}
