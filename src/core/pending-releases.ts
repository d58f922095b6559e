import type { HelmRelease } from "./cluster-reader.ts";

/** A release that a helm which did not come to its end left half done: no other helm touches it until it is mended. */
export interface PendingRelease {
  /** `namespace/name`. */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** helm's word: `pending-install`, `pending-upgrade`, `pending-rollback` or `uninstalling`. */
  readonly status: string;
  /** To this revision it is rolled back; absent where none was ever deployed, so that it is uninstalled. */
  readonly rollbackTo?: number;
}

/** Of the releases with these ids, those that are half done, by what helm's records say. */
export function pendingReleases(ids: readonly string[], found: readonly HelmRelease[]): PendingRelease[] {
  const wanted = new Set(ids);
  return found.flatMap(({ namespace, name, status, deployedRevision }) => {
    const id = `${namespace}/${name}`;
    if (!wanted.has(id) || !isPending(status)) return [];
    const isRolledBack = rolledBack.has(status) && deployedRevision !== undefined;
    return [{ id, namespace, name, status, ...(isRolledBack ? { rollbackTo: deployedRevision } : {}) }];
  });
}

/** Whether a release is half done, by helm's word for it. */
function isPending(status: string): boolean {
  return status.startsWith("pending-") || status === "uninstalling";
}

const rolledBack: ReadonlySet<string> = new Set(["pending-upgrade", "pending-rollback"]);

/** The command that mends it: an upgrade is rolled back to what was deployed, a first install is taken away. */
export function mendingCommand(
  { namespace, name, rollbackTo }: PendingRelease,
  {
    helm = "helm",
    kubeconfig,
  }: { readonly helm?: string | undefined; readonly kubeconfig?: string | undefined },
): [string, ...string[]] {
  const how = rollbackTo === undefined ? ["uninstall", name, "--wait"] : ["rollback", name, `${rollbackTo}`];
  return [
    helm,
    ...how,
    "--namespace",
    namespace,
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
  ];
}
