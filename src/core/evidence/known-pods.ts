import type { EventFacts, PodFacts } from "../cluster/cluster-reader.ts";
import { mostKept } from "./evidence-budget.ts";
import { crashOf, isCrashLooping, troublesOf } from "./pod-trouble.ts";
import { alreadyTold, type ToldOfPod } from "./trouble-tally.ts";

/** A pod as a step sees it. */
export interface KnownPod {
  readonly createdAt: number;
  /** `before`: it was there before the step began; `foreign`: another step's. */
  readonly kind: "new" | "before" | "foreign" | "gone";
  readonly told: ToldOfPod;
  /** The crashes of each container that were seen, by its name. */
  readonly crashes: Map<string, SeenCrash>;
  /** Containers of an old pod that were crash-looping when it was met, and of which nothing was asked so far. */
  readonly looping: Set<string>;
}

export interface SeenCrash {
  /** That of the last one: {@link crashOf}. */
  readonly id: string;
  readonly exitCodes: ReadonlySet<number>;
}

/** The pods of a step's namespaces, and what they are to it. One that is gone is kept a while: events about it still come. */
export class KnownPods {
  readonly #releases: ReadonlySet<string>;
  readonly #pods = new Map<string, KnownPod>();
  /** The releases of the objects that keep pods. */
  readonly #owners = new Map<string, string>();

  /** `releases` are `namespace/name`. */
  constructor(releases: readonly string[]) {
    this.#releases = new Set(releases);
  }

  get(namespace: string, name: string): KnownPod | undefined {
    return this.#pods.get(`${namespace}/${name}`);
  }

  /** The release (`namespace/name`) of an object that keeps pods; undefined where none of them was seen. */
  releaseOf({ namespace, kind, name }: Pick<EventFacts, "namespace" | "kind" | "name">): string | undefined {
    const own = this.#owners.get(`${namespace} ${kind} ${name}`);
    if (own !== undefined || kind !== "ReplicaSet") return own;
    // Of a ReplicaSet's pods it is the Deployment behind it that is known.
    return this.#owners.get(`${namespace} Deployment ${name.replace(/-[^-]+$/, "")}`);
  }

  isOwn(release: string): boolean {
    return this.#releases.has(release);
  }

  /** `since` is when the step began, on the cluster's clock; undefined where that is not known. */
  meet(pod: PodFacts, since: number | undefined): KnownPod {
    const id = `${pod.namespace}/${pod.name}`;
    const before = this.#pods.get(id);
    // Pods of a StatefulSet come again under the same name.
    if (before && before.createdAt === pod.createdAt && !pod.deleted) return before;
    const kind = this.#kindOf(pod, since);
    const known = { createdAt: pod.createdAt, kind, ...(kind === "before" ? historyOf(pod) : noHistory()) };
    this.#pods.set(id, known);
    this.#rememberOwner(pod);
    if (kind === "gone" && this.#pods.size > mostKept) this.#forgetOldest();
    return known;
  }

  #kindOf(pod: PodFacts, since: number | undefined): KnownPod["kind"] {
    if (pod.deleted) return "gone";
    if (pod.release !== undefined && !this.isOwn(`${pod.namespace}/${pod.release}`)) return "foreign";
    // The cluster tells times in whole seconds.
    return since !== undefined && pod.createdAt < Math.floor(since / 1000) * 1000 ? "before" : "new";
  }

  #rememberOwner({ namespace, release, owner }: PodFacts): void {
    if (release === undefined || !owner) return;
    this.#owners.set(`${namespace} ${owner.kind} ${owner.name}`, `${namespace}/${release}`);
    if (this.#owners.size <= mostKept) return;
    const [oldest] = this.#owners.keys();
    if (oldest !== undefined) this.#owners.delete(oldest);
  }

  #forgetOldest(): void {
    for (const [id, { kind }] of this.#pods) {
      if (kind !== "gone") continue;
      this.#pods.delete(id);
      return;
    }
  }
}

type History = Pick<KnownPod, "told" | "crashes" | "looping">;

function noHistory(): History {
  return { told: new Map(), crashes: new Map(), looping: new Set() };
}

/** What is the matter with an old pod is no news: only what comes from now on is told. */
function historyOf(pod: PodFacts): History {
  const crashes = pod.containers.flatMap((container) => {
    const crash = crashOf(container);
    return crash ? [[container.name, { id: crash.id, exitCodes: new Set([crash.exitCode]) }] as const] : [];
  });
  const looping = pod.containers.filter(({ state }) => isCrashLooping(state)).map(({ name }) => name);
  return { told: alreadyTold(troublesOf(pod)), crashes: new Map(crashes), looping: new Set(looping) };
}
