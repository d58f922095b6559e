import type { ReleaseId } from "../core/common/release.ts";
import { serviceOf } from "../core/manifests/service-variable.ts";

/** The crashes of a release's containers for want of one variable. Kept when helm removes the release. */
export interface CrashRecord {
  readonly release: ReleaseId;
  /** In the order of their first crash. */
  readonly pods: readonly { readonly name: string; readonly crashes: number }[];
  /** Of all pods. */
  readonly crashes: number;
  readonly variable: string;
  /** The Service that was not there. */
  readonly service: string;
  /** Milliseconds on the clock. */
  readonly firstAt: number;
  readonly lastAt: number;
}

interface Crash {
  readonly release: ReleaseId;
  readonly pod: string;
  readonly variable: string;
  readonly at: number;
}

/** What crashed, as long as the cluster is looked at: unlike helm's `atomic`, it keeps the evidence. */
export interface CrashLog {
  add(crash: Crash): void;
  /** One for each release and variable, in the order of their first crash. */
  records(): readonly CrashRecord[];
}

interface Entry {
  readonly first: Crash;
  readonly pods: Map<string, number>;
  lastAt: number;
}

export function crashLog(): CrashLog {
  const entries = new Map<string, Entry>();
  return {
    add: (crash) => {
      const key = `${crash.release} ${crash.variable}`;
      const entry = entries.get(key) ?? { first: crash, pods: new Map(), lastAt: crash.at };
      entry.pods.set(crash.pod, (entry.pods.get(crash.pod) ?? 0) + 1);
      entry.lastAt = crash.at;
      entries.set(key, entry);
    },
    records: () => [...entries.values()].map(recordOf),
  };
}

function recordOf({ first, pods, lastAt }: Entry): CrashRecord {
  const counted = [...pods].map(([name, crashes]) => ({ name, crashes }));
  return {
    release: first.release,
    pods: counted,
    crashes: counted.reduce((sum, { crashes }) => sum + crashes, 0),
    variable: first.variable,
    service: serviceOf(first.variable),
    firstAt: first.at,
    lastAt,
  };
}
