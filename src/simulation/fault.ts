import type { ReleaseId } from "../core/release.ts";

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
  | { readonly kind: "crash"; readonly at: number; readonly until?: number };

type HelmFault = Extract<Fault, { kind: "fail" | "hang" }>;
type CrashFault = Extract<Fault, { kind: "crash" }>;

/** The faults of one run of the simulation, and which of them are used up. */
export interface Faults {
  /** What is to go wrong with the release's next installation; each call uses up one time. */
  take(release: ReleaseId): HelmFault | undefined;
  /** How many times longer than usual everything about it takes. */
  slowness(release?: ReleaseId): number;
  readonly crashes: readonly CrashFault[];
  isDown(now: number): boolean;
}

export function faultsOf(faults: readonly Fault[]): Faults {
  const left = new Map<HelmFault, number>();
  const factors = new Map<ReleaseId, number>();
  const crashes: CrashFault[] = [];
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
    }
  }
  return {
    crashes,
    take: (release) => takeOne(left, release),
    slowness: (release) => throttled * ((release !== undefined && factors.get(release)) || 1),
    isDown: (now) => crashes.some(({ at, until }) => now >= at && now < (until ?? Number.POSITIVE_INFINITY)),
  };
}

function takeOne(left: Map<HelmFault, number>, release: ReleaseId): HelmFault | undefined {
  for (const [fault, times] of left) {
    if (fault.release !== release || times <= 0) continue;
    left.set(fault, times - 1);
    return fault;
  }
  return undefined;
}
