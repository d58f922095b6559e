import { counted } from "../common/words.ts";
import type { Evidence } from "./evidence.ts";
import { withContainer } from "./pod-subject.ts";
import type { PodTrouble } from "./pod-trouble.ts";

/** How many pods of one owner are told of in full for the same trouble. */
const podsInFull = 3;

/** Bounds what is kept where owners come and go. */
const mostGroups = 500;

/** What was told of a pod: the restarts that were told last, by trouble. */
export type ToldOfPod = Map<string, { readonly restarts: number; readonly inFull: boolean }>;

interface Group {
  readonly kind: PodTrouble["kind"];
  readonly subject: string;
  readonly what: string;
  pods: number;
  toldPods: number;
}

/**
 * Tells the same trouble of many pods in a few lines: the first pods in full, then only how many there are whenever
 * their number has doubled, and at the end.
 */
export class TroubleTally {
  readonly #groups = new Map<string, Group>();

  /** `owner` is what the pod has in common with others, in words; `told` is kept with the pod by the caller. */
  add(
    trouble: PodTrouble,
    { owner, pod, told }: { readonly owner: string; readonly pod: string; readonly told: ToldOfPod },
  ): Evidence[] {
    const key = keyOf(trouble);
    const before = told.get(key);
    if (before) {
      if (!before.inFull || trouble.restarts < 2 * Math.max(before.restarts, 1)) return [];
      told.set(key, { ...before, restarts: trouble.restarts });
      return [inFull(trouble, pod)];
    }
    const group = this.#groupOf(trouble, owner);
    if (!group) return [];
    group.pods += 1;
    const isFirst = group.pods <= podsInFull;
    told.set(key, { restarts: trouble.restarts, inFull: isFirst });
    if (isFirst) group.toldPods = group.pods;
    if (isFirst) return [inFull(trouble, pod)];
    return group.pods >= 2 * group.toldPods ? [inNumbers(group)] : [];
  }

  end(): Evidence[] {
    return [...this.#groups.values()].filter(({ pods, toldPods }) => pods > toldPods).map(inNumbers);
  }

  #groupOf(trouble: PodTrouble, owner: string): Group | undefined {
    const key = `${owner} ${keyOf(trouble)}`;
    const known = this.#groups.get(key);
    if (known || this.#groups.size >= mostGroups) return known;
    const { kind, what } = trouble;
    const group: Group = {
      kind,
      subject: withContainer(owner, trouble.container),
      what,
      pods: 0,
      toldPods: 0,
    };
    this.#groups.set(key, group);
    return group;
  }
}

/** As if these troubles had been told. */
export function alreadyTold(troubles: readonly PodTrouble[]): ToldOfPod {
  return new Map(troubles.map((trouble) => [keyOf(trouble), { restarts: trouble.restarts, inFull: true }]));
}

function keyOf({ kind, container = "", what }: PodTrouble): string {
  return `${kind} ${container} ${what}`;
}

function inFull(trouble: PodTrouble, pod: string): Evidence {
  const { kind, what, detail, restarts } = trouble;
  const times = restarts === 0 ? "" : `, restarted ${counted(restarts, "time")}`;
  const why = detail === undefined ? "" : `: ${detail}`;
  return { kind, subject: withContainer(`pod ${pod}`, trouble.container), message: `${what}${times}${why}` };
}

function inNumbers(group: Group): Evidence {
  group.toldPods = group.pods;
  const { kind, subject, what, pods } = group;
  return { kind, subject, message: `${what}: ${counted(pods, "pod")} by now` };
}
