import PQueue from "p-queue";
import type { ClusterFailure } from "../core/cluster-failure.ts";
import type { HelmRelease, OpenCluster } from "../core/cluster-reader.ts";
import type { Plan } from "../core/plan.ts";
import { counted } from "../core/report.ts";
import { chooseActions } from "../core/what-exists.ts";
import { namespacesOf, readerOf } from "./cluster-readers.ts";

/** How many namespaces are asked side by side. */
const sideBySide = 8;

/** helm's word for a release that is gone, where its history was kept. */
const gone = "uninstalled";

/** The plan for what exists in the cluster now, and whether the cluster could be looked at at all. */
export interface LookedAt {
  readonly plan: Plan;
  readonly sees: boolean;
}

/**
 * Looks which releases exist, and chooses between `sync` and `apply` by that. Where a namespace cannot be read its steps
 * stay as they were planned, which works in either case, and the operator is told.
 */
export async function lookWhatExists(
  plan: Plan,
  { open, tell }: { readonly open: OpenCluster; readonly tell: (text: string) => void },
): Promise<LookedAt> {
  const queue = new PQueue({ concurrency: sideBySide });
  const existing = new Map<string, ReadonlySet<string>>();
  const failures: { readonly namespace: string; readonly failure: ClusterFailure }[] = [];
  const namespaces = namespacesOf(plan);
  await queue.addAll(
    namespaces.map((namespace) => async () => {
      const found = await readerOf(plan, namespace, open).releases(namespace);
      if (found.ok) existing.set(namespace, idsOf(found.value));
      else failures.push({ namespace, failure: found.failure });
    }),
  );
  const [first] = failures;
  if (first) {
    const which = failures.length === 1 ? first.namespace : counted(failures.length, "namespace");
    tell(`warning: what exists in ${which} is not known: ${first.failure.message}`);
  }
  const sees = failures.length === 0 || failures.some(({ failure }) => !failure.kind.endsWith("-kubeconfig"));
  return { plan: chooseActions(plan, existing), sees: sees || existing.size > 0 };
}

function idsOf(releases: readonly HelmRelease[]): Set<string> {
  return new Set(
    releases.filter(({ status }) => status !== gone).map(({ namespace, name }) => `${namespace}/${name}`),
  );
}
