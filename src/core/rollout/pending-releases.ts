import type { HelmRelease } from "../cluster/cluster-reader.ts";
import { isHalfDone, isMendedByUninstall } from "../cluster/helm-status.ts";
import { isoTime } from "../common/iso-time.ts";

/** A release that a helm which did not come to its end left half done: no other helm touches it until it is mended. */
export interface PendingRelease {
  /** `namespace/name`. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** helm's word: `pending-install`, `pending-upgrade`, `pending-rollback` or `uninstalling`. */
  readonly status: string;
  /** The one that is half done. */
  readonly revision: number;
  /** When that was begun, in milliseconds on the cluster's clock. */
  readonly since?: number;
  /** To this revision an upgrade or a rollback is taken back; absent where there is none, or none is known. */
  readonly rollbackTo?: number;
}

/** Of the releases with these ids, those that are half done, by what helm's records say. */
export function pendingReleases(ids: readonly string[], found: readonly HelmRelease[]): PendingRelease[] {
  const wanted = new Set(ids);
  return found.flatMap(({ namespace, name, status, revision, createdAt, fallbackRevision }) => {
    const id = `${namespace}/${name}`;
    if (!wanted.has(id) || !isHalfDone(status)) return [];
    return [
      {
        ...{ id, namespace, name, status, revision },
        ...(createdAt === undefined ? {} : { since: createdAt }),
        ...(fallbackRevision === undefined ? {} : { rollbackTo: fallbackRevision }),
      },
    ];
  });
}

/**
 * What to tell helm so that it mends it: a first install is taken away, and so is the rest of what was being taken away;
 * anything else is rolled back. Undefined where there is nothing to go back to: what is there may be in use, and is not
 * taken away.
 */
export function mendingWords({
  name,
  status,
  rollbackTo,
}: Pick<PendingRelease, "name" | "status" | "rollbackTo">): [string, ...string[]] | undefined {
  if (isMendedByUninstall(status)) return ["uninstall", name, "--wait"];
  // Without a revision, helm goes to the one before, which may have failed. And what helm only says is deployed is not
  // ready, and helmfile would find nothing to change.
  return rollbackTo === undefined ? undefined : ["rollback", name, `${rollbackTo}`, "--wait"];
}

/** The same as a command that can be run. */
export function mendingCommand(
  pending: PendingRelease,
  {
    helm = "helm",
    kubeconfig,
  }: { readonly helm?: string | undefined; readonly kubeconfig?: string | undefined },
): [string, ...string[]] | undefined {
  const words = mendingWords(pending);
  const file = kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig];
  return words && [helm, ...words, "--namespace", pending.namespace, ...file];
}

/** For people, for example `shop/main is pending-upgrade since 2026-10-05T11:00:00Z`. */
export function describePending({ id, status, since }: PendingRelease): string {
  return `${id} is ${status}${since === undefined ? "" : ` since ${isoTime(since)}`}`;
}
