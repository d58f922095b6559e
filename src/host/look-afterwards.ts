import { setTimeout as sleep } from "node:timers/promises";
import { type ReleaseStanding, standingIn } from "../core/cluster/release-standing.ts";
import { namespaceOf, namespacesOfReleases } from "../core/common/release.ts";
import { sideBySide } from "../core/common/side-by-side.ts";
import type { Plan } from "../core/plan/plan.ts";
import { readerOf } from "./cluster-readers.ts";
import type { DeployContext } from "./deploy-context.ts";

/** How long somebody who wants to be gone waits for it, in milliseconds. */
const limitMs = 5_000;

/**
 * Where these releases stand now that what deployed them was killed or cut off. Takes no longer than five seconds, whatever
 * hangs, and no longer than until the signal aborts: what did not answer by then is unknown.
 */
export async function lookAfterwards(
  plan: Plan,
  releases: readonly string[],
  {
    settings,
    env,
    signal,
  }: Pick<DeployContext, "settings" | "env"> & { readonly signal?: AbortSignal | undefined },
): Promise<ReadonlyMap<string, ReleaseStanding>> {
  const { clusterAccess } = await import("../io/cluster-access.ts");
  const deadline = performance.now() + limitMs;
  const { kubeconfig } = settings;
  // Not the way that the rollout had: with the interruption that was closed.
  const access = clusterAccess({ env, limitMs, deadline, ...(kubeconfig !== undefined && { kubeconfig }) });
  const silent: ReleaseStanding = { kind: "unknown", reason: `no answer within ${limitMs / 1000} s` };
  const found = new Map<string, ReleaseStanding>(releases.map((id) => [id, silent]));
  const look = async (namespace: string): Promise<void> => {
    const read = await readerOf(plan, namespace, access.open).releases(namespace);
    for (const id of releases.filter((one) => namespaceOf(one) === namespace))
      found.set(id, standingIn(read, id));
  };
  const nowhere = releases.filter((id) => namespaceOf(id) === "");
  for (const id of nowhere) found.set(id, { kind: "unknown", reason: "its namespace is not known" });
  const lookedAtAll = new AbortController();
  const giveUp = AbortSignal.any([lookedAtAll.signal, ...(signal ? [signal] : [])]);
  try {
    await Promise.race([
      sideBySide(namespacesOfReleases(releases), { limit: 8, work: look }),
      sleep(limitMs, undefined, { signal: giveUp }).catch(() => undefined),
    ]);
    return new Map(found);
  } finally {
    lookedAtAll.abort();
    access.close();
  }
}
