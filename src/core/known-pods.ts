import type { PodFacts } from "./cluster-reader.ts";
import { crashOf, troublesOf } from "./pod-trouble.ts";
import { alreadyTold, type ToldOfPod } from "./trouble-tally.ts";

/** A pod as a step sees it. */
export interface KnownPod {
  readonly createdAt: number;
  /** `before`: it was there before the step began; `foreign`: another step's. */
  readonly kind: "new" | "before" | "foreign" | "gone";
  readonly told: ToldOfPod;
  /** The last crash of each container, by its name. */
  readonly crashes: Map<string, string>;
}

/** How many pods are kept beyond those that are there: events about one that is gone still come. */
const mostKept = 2_000;

/** The pods of a step's namespaces, and what they are to it. */
export class KnownPods {
  readonly #releases: ReadonlySet<string>;
  readonly #pods = new Map<string, KnownPod>();

  /** `releases` are `namespace/name`. */
  constructor(releases: readonly string[]) {
    this.#releases = new Set(releases);
  }

  get(namespace: string, name: string): KnownPod | undefined {
    return this.#pods.get(`${namespace}/${name}`);
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
    if (kind === "gone" && this.#pods.size > mostKept) this.#forgetOldest();
    return known;
  }

  #kindOf(pod: PodFacts, since: number | undefined): KnownPod["kind"] {
    if (pod.deleted) return "gone";
    if (pod.release !== undefined && !this.#releases.has(`${pod.namespace}/${pod.release}`)) return "foreign";
    // The cluster tells times in whole seconds.
    return since !== undefined && pod.createdAt < Math.floor(since / 1000) * 1000 ? "before" : "new";
  }

  #forgetOldest(): void {
    for (const [id, { kind }] of this.#pods) {
      if (kind !== "gone") continue;
      this.#pods.delete(id);
      return;
    }
  }
}

type History = Pick<KnownPod, "told" | "crashes">;

function noHistory(): History {
  return { told: new Map(), crashes: new Map() };
}

/** What is the matter with an old pod is no news: only what comes from now on is told. */
function historyOf(pod: PodFacts): History {
  const crashes = pod.containers.flatMap((container) => {
    const crash = crashOf(container);
    return crash ? [[container.name, crash.id] as const] : [];
  });
  return { told: alreadyTold(troublesOf(pod)), crashes: new Map(crashes) };
}
