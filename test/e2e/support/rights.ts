import type { Cluster } from "./cluster.ts";
import { ignore } from "./kubernetes-api.ts";

const collection = "/apis/rbac.authorization.k8s.io/v1";
const name = "e2e-stranger";

/** What may be done with these kinds, in all namespaces. */
export interface Right {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources: readonly string[];
}

/** Gives the stranger of `strangerKubeconfigFile` these rights and no others, until `revokeRights`. */
export async function grantRights({ request }: Pick<Cluster, "request">, ...rights: readonly Right[]) {
  await revokeRights({ request });
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const rules = rights.map((right) => ({ apiGroups: [""], ...right }));
  await request("POST", `${collection}/clusterroles`, {
    ...{ apiVersion, kind: "ClusterRole", metadata: { name } },
    rules,
  });
  await request("POST", `${collection}/clusterrolebindings`, {
    ...{ apiVersion, kind: "ClusterRoleBinding", metadata: { name } },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "stranger" }],
  });
}

export async function revokeRights({ request }: Pick<Cluster, "request">): Promise<void> {
  for (const kind of ["clusterrolebindings", "clusterroles"]) {
    await request("DELETE", `${collection}/${kind}/${name}`).catch(ignore(404));
  }
}
