import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import type { ClusterReader } from "../core/cluster/cluster-reader.ts";
import type { ReleaseId } from "../core/common/release.ts";

/** What can be made to go wrong in the simulated cluster. */
export type Fault =
  /** helm fails with the message before it created anything; `times` often, always if that is left out. */
  | { readonly kind: "fail"; readonly release: ReleaseId; readonly message: string; readonly times?: number }
  /** helm does not come back until it is stopped; `times` often, always if that is left out. */
  | { readonly kind: "hang"; readonly release: ReleaseId; readonly times?: number }
  /** Everything about one release takes `factor` times as long. Timeouts and back-off stay what they are. */
  | { readonly kind: "slow"; readonly release: ReleaseId; readonly factor: number }
  /** The same for all: an API that throttles. */
  | { readonly kind: "throttled"; readonly factor: number }
  /**
   * At this time on the clock every running helm is killed without a chance to roll back. Nothing can be started
   * from then until `until`, for ever if that is left out.
   */
  | { readonly kind: "crash"; readonly at: number; readonly until?: number }
  /**
   * Whoever looks at the cluster gets this failure, from `from` (else the beginning) until `until` (else for ever);
   * `only` where these are asked for, else always. helm and what runs go on: helm may hold another kubeconfig. Where
   * the API server is to be away for helm as well, add a `fail` or `hang`.
   */
  | {
      readonly kind: "unreadable";
      readonly failure: ClusterFailure;
      readonly from?: number;
      readonly until?: number;
      readonly only?: readonly (keyof ClusterReader)[];
    };

type HelmFault = Extract<Fault, { kind: "fail" | "hang" }>;
type UnreadableFault = Extract<Fault, { kind: "unreadable" }>;
type CrashFault = Extract<Fault, { kind: "crash" }>;

/** The faults of one run of the simulation, and which of them are used up. */
export interface Faults {
  /** What is to go wrong with the release's next installation; each call uses up one time. */
  take(release: ReleaseId): HelmFault | undefined;
  /** How many times longer than usual everything about it takes. */
  slowness(release?: ReleaseId): number;
  readonly crashes: readonly CrashFault[];
  isDown(now: number): boolean;
  /** Why this cannot be read now; undefined where it can. */
  unreadable(what: keyof ClusterReader, now: number): ClusterFailure | undefined;
  /** The times at which something begins or ceases to be unreadable. */
  readonly unreadableChanges: readonly number[];
}

export function faultsOf(faults: readonly Fault[]): Faults {
  const left = new Map<HelmFault, number>();
  const factors = new Map<ReleaseId, number>();
  const crashes: CrashFault[] = [];
  const unreadable: UnreadableFault[] = [];
  let throttled = 1;
  for (const fault of faults) {
    switch (fault.kind) {
      case "fail":
      case "hang":
        left.set(fault, fault.times ?? Number.POSITIVE_INFINITY);
        break;
      case "slow":
        factors.set(fault.release, (factors.get(fault.release) ?? 1) * fault.factor);
        break;
      case "throttled":
        throttled *= fault.factor;
        break;
      case "crash":
        crashes.push(fault);
        break;
      case "unreadable":
        unreadable.push(fault);
        break;
    }
  }
  return {
    crashes,
    take: (release) => takeOne(left, release),
    slowness: (release) => throttled * ((release !== undefined && factors.get(release)) || 1),
    isDown: (now) => crashes.some(({ at, until }) => isWithin(now, at, until)),
    unreadable: (what, now) =>
      unreadable.find(({ from, until, only }) => isWithin(now, from, until) && (only?.includes(what) ?? true))
        ?.failure,
    unreadableChanges: unreadable.flatMap(({ from = 0, until }) =>
      until === undefined ? [from] : [from, until],
    ),
  };
}

function isWithin(now: number, from = 0, until = Number.POSITIVE_INFINITY): boolean {
  return now >= from && now < until;
}

function takeOne(left: Map<HelmFault, number>, release: ReleaseId): HelmFault | undefined {
  for (const [fault, times] of left) {
    if (fault.release !== release || times <= 0) continue;
    left.set(fault, times - 1);
    return fault;
  }
  return undefined;
}
