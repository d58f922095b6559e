import type { Result } from "../common/result.ts";
import type { ClusterFailure } from "./cluster-failure.ts";
import type { HelmRelease } from "./cluster-reader.ts";
import { isKept, isPending } from "./helm-status.ts";

/** What helm says of a release now. */
export type ReleaseStanding =
  | { readonly kind: "deployed"; readonly revision: number }
  /** A helm that did not come to its end left it so: `pending-install` and the like, but not `uninstalling`. */
  | { readonly kind: "pending"; readonly status: string }
  | { readonly kind: "absent" }
  | { readonly kind: "other"; readonly status: string }
  /** It could not be looked up. */
  | { readonly kind: "unknown"; readonly reason: string };

/** Where a release stands, by what helm's records say of it; undefined where there is none. */
export function releaseStanding(release: HelmRelease | undefined): ReleaseStanding {
  if (!release || !isKept(release)) return { kind: "absent" };
  const { status, revision } = release;
  if (status === "deployed") return { kind: "deployed", revision };
  return { kind: isPending(status) ? "pending" : "other", status };
}

/** Where one stands, by what was read of its namespace; undefined where nobody looked. */
export function standingIn(
  read: Result<readonly HelmRelease[], ClusterFailure> | undefined,
  id: string,
): ReleaseStanding {
  if (!read?.ok) return { kind: "unknown", reason: read?.failure.message ?? "nobody looked" };
  return releaseStanding(read.value.find(({ namespace, name }) => `${namespace}/${name}` === id));
}
