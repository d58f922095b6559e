import type { EventFacts } from "../cluster/cluster-reader.ts";

/** More than this is more than would ever be told of a step. */
const mostHeld = 500;

/** Events about pods that nobody has told of yet: pods and events are watched apart, and come in any order. */
export class UnclaimedPodEvents {
  readonly #events = new Map<string, EventFacts[]>();
  #count = 0;

  hold(event: EventFacts): void {
    if (this.#count >= mostHeld) return;
    this.#count += 1;
    const pod = `${event.namespace}/${event.name}`;
    this.#events.set(pod, [...(this.#events.get(pod) ?? []), event]);
  }

  /** Those about a pod, in order; they are not held any more. */
  release(namespace: string, pod: string): readonly EventFacts[] {
    const key = `${namespace}/${pod}`;
    const events = this.#events.get(key) ?? [];
    this.#events.delete(key);
    this.#count -= events.length;
    return events;
  }

  /** Those that are left. */
  releaseAll(): readonly EventFacts[] {
    const events = [...this.#events.values()].flat();
    this.#events.clear();
    this.#count = 0;
    return events;
  }
}
