import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import type { HelmRelease, OpenCluster } from "../core/cluster/cluster-reader.ts";
import { isThere } from "../core/cluster/helm-status.ts";
import { namespacesAtOnce } from "../core/cluster/namespaces-at-once.ts";
import { namespaceOf } from "../core/common/release.ts";
import { fail } from "../core/common/result.ts";
import { sideBySide } from "../core/common/side-by-side.ts";
import { counted } from "../core/common/words.ts";
import type { Plan } from "../core/plan/plan.ts";
import { chooseActions } from "../core/plan/what-exists.ts";
import { plannedNamespaces, renderMissingNamespaces } from "../core/rollout/missing-namespaces.ts";
import { type PendingRelease, pendingReleases } from "../core/rollout/pending-releases.ts";
import { namespacesOf, readerOf, wideReader } from "./cluster-readers.ts";

/** The plan for what exists in the cluster now. */
export interface LookedAt {
  readonly plan: Plan;
  /** Whether the cluster can be looked at, as far as that shows. */
  readonly sees: boolean;
  /** Whether every namespace could be read. */
  readonly seesAll: boolean;
  /** helm's revision of each of the plan's releases; 0 for one that is not there, and none where that is not known. */
  readonly revisions: ReadonlyMap<string, number>;
  /** Those of the plan's releases that a helm which did not come to its end left half done. */
  readonly pending: readonly PendingRelease[];
}

/**
 * Looks which releases exist, and chooses between `sync` and `apply` by that. Where a namespace cannot be read its steps
 * stay as they were planned, which works in either case, and the operator is told. So is which namespaces are not there,
 * where they may be listed.
 */
export async function lookWhatExists(
  plan: Plan,
  {
    open,
    tell,
    knowsNamespaces = false,
  }: {
    readonly open: OpenCluster;
    readonly tell: (text: string) => void;
    /** Which of them are not there is told already. */
    readonly knowsNamespaces?: boolean;
  },
): Promise<LookedAt> {
  const namespaces = namespacesOf(plan);
  tell(`looking what exists in ${counted(namespaces.length, "namespace")} of ${plan.environment}`);
  const existing = new Map<string, ReadonlySet<string>>();
  const revisions = new Map<string, number>();
  const pending: PendingRelease[] = [];
  const failures: { readonly namespace: string; readonly failure: ClusterFailure }[] = [];
  // By server: one that does not answer is not asked for each of seventy namespaces, and waited for each time.
  const silent = new Map<string, ClusterFailure>();
  await sideBySide(namespaces, {
    limit: namespacesAtOnce,
    work: async (namespace) => {
      const reader = readerOf(plan, namespace, open);
      const server = (await reader.server?.()) ?? reader.kubeconfig ?? "";
      const known = silent.get(server);
      const found = known ? fail(known) : await reader.releases(namespace);
      if (found.ok) {
        existing.set(namespace, idsOf(found.value));
        const planned = releasesIn(plan, namespace);
        pending.push(...pendingReleases(planned, found.value));
        for (const id of planned) revisions.set(id, 0);
        for (const { name, revision } of found.value) revisions.set(`${namespace}/${name}`, revision);
      } else {
        failures.push({ namespace, failure: found.failure });
        if (isSilent(found.failure)) silent.set(server, found.failure);
      }
    },
  });
  const [first] = failures;
  if (first) {
    const which = failures.length === 1 ? first.namespace : counted(failures.length, "namespace");
    tell(`warning: what exists in ${which} is not known: ${first.failure.message}`);
  }
  if (!knowsNamespaces && silent.size === 0) await tellMissing(plan, revisions, { open, tell });
  const sees = failures.length === 0 || failures.some(({ failure }) => !failure.kind.endsWith("-kubeconfig"));
  return {
    plan: chooseActions(plan, existing),
    sees: sees || existing.size > 0,
    seesAll: failures.length === 0,
    revisions,
    pending: pending.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  };
}

/** A namespace that has a release is there; only for others all are listed. */
async function tellMissing(
  plan: Plan,
  revisions: ReadonlyMap<string, number>,
  { open, tell }: { readonly open: OpenCluster; readonly tell: (text: string) => void },
): Promise<void> {
  const having = new Set(
    [...revisions].filter(([, revision]) => revision > 0).map(([id]) => namespaceOf(id)),
  );
  const doubtful = plannedNamespaces(plan).filter((namespace) => !having.has(namespace));
  if (doubtful.length === 0) return;
  const listed = await wideReader(plan, open).namespaces();
  if (!listed.ok) return;
  const told = renderMissingNamespaces(doubtful, listed.value);
  if (told.length > 0) tell(told.join("\n"));
}

function isSilent({ kind }: ClusterFailure): boolean {
  return kind === "unreachable" || kind === "slow" || kind === "throttled";
}

function releasesIn(plan: Plan, namespace: string): string[] {
  return plan.steps.flatMap(({ releases }) => releases).filter((id) => id.startsWith(`${namespace}/`));
}

function idsOf(releases: readonly HelmRelease[]): Set<string> {
  return new Set(releases.filter(isThere).map(({ namespace, name }) => `${namespace}/${name}`));
}
