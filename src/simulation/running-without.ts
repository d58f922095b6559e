import type { ReleaseId } from "../core/common/release.ts";
import { serviceOf } from "../core/manifests/service-variable.ts";
import type { Container } from "./container.ts";

/** Containers of a release that run although they miss a variable: nobody is told, and its metrics go nowhere. */
export interface RunningWithout {
  readonly release: ReleaseId;
  readonly namespace: string;
  readonly variable: string;
  /** The Service that was not there when they started. */
  readonly service: string;
  readonly pods: readonly string[];
  /** When the first of them started, in milliseconds on the clock. */
  readonly since: number;
}

/** One for each release and variable, in the order of the containers. It ends with a restart that finds the Service. */
export function runningWithout(containers: Iterable<Container>): readonly RunningWithout[] {
  const found = new Map<string, RunningWithout>();
  for (const { release, namespace, pod, state, startedAt, missing } of containers) {
    if (state !== "running" || startedAt === undefined) continue;
    for (const variable of missing) {
      const key = `${release} ${variable}`;
      const before = found.get(key);
      found.set(key, {
        release,
        namespace,
        variable,
        service: serviceOf(variable),
        pods: [...(before?.pods ?? []), pod],
        since: Math.min(before?.since ?? startedAt, startedAt),
      });
    }
  }
  return [...found.values()];
}
