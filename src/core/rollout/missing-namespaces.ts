import { namespacesOfReleases } from "../common/release.ts";
import { counted, firstOf } from "../common/words.ts";
import type { Plan } from "../plan/plan.ts";

/** The namespaces that a plan deploys to, its own steps or the command of a stage. */
export function plannedNamespaces({ steps, stages }: Plan): string[] {
  return namespacesOfReleases([
    ...steps.flatMap(({ releases }) => releases),
    ...stages.flatMap(({ runDeploys = [] }) => runDeploys),
  ]);
}

/** Says which of them a cluster does not have, before a helm does in the middle of a rollout; nothing where it has all. */
export function renderMissingNamespaces(planned: readonly string[], there: readonly string[]): string[] {
  const known = new Set(there);
  const missing = planned.filter((namespace) => !known.has(namespace)).toSorted();
  if (missing.length === 0) return [];
  const [are, them] = missing.length === 1 ? ["is", "it"] : ["are", "them"];
  return [
    `warning: ${counted(missing.length, "namespace")} of the plan ${are} not there, and with createNamespace: false helm does not make ${them}: ${firstOf(missing, 8)}`,
    "  to do: set up the cluster's own services first, which bring namespaces (at Wikimedia helmfile.d/admin_ng)",
  ];
}
