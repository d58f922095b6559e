/*
 * What helm's words for the status of a release mean. Each question takes a word its own way, most of all `pending-…` and
 * `uninstalling`, so they stand side by side. A status is the one of the newest record.
 */

/** helm is at work on it, or was killed in the middle of it. */
export function isPending(status: string): boolean {
  return status.startsWith("pending-");
}

/**
 * Whether it has to be mended if no helm is at work on it. Also one that was being taken away: what is left of it is in
 * the way of the next installation.
 */
export function isHalfDone(status: string): boolean {
  return isPending(status) || status === "uninstalling";
}

/** Whether what mends it is to take it away: nothing of it was ever there, or it was being taken away. */
export function isMendedByUninstall(status: string): boolean {
  return status === "pending-install" || status === "uninstalling";
}

/**
 * Whether there is anything of the release in the cluster that counts, so that there is something to compare with. Not
 * where the first installation did not come to its end, nor of what was being taken away.
 */
export function isThere({ status }: { readonly status: string }): boolean {
  return status !== "uninstalled" && !isMendedByUninstall(status);
}

/**
 * Whether helm counts it among its releases, however it stands. Where it keeps the history of what was taken away, that
 * is the record of no release.
 */
export function isKept({ status }: { readonly status: string }): boolean {
  return status !== "uninstalled";
}

/**
 * Whether what it provides may still come: it is there, or somebody may be at work on it, or nobody knows. Also from its
 * first installation, but not from what is being taken away.
 */
export function mayStillProvide(status: string): boolean {
  return status === "deployed" || isPending(status) || status === "unknown";
}
