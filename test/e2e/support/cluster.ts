import * as z from "zod";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { ignore, type KubernetesApi, openKubernetesApi } from "./kubernetes-api.ts";
import { until } from "./until.ts";

/** A Kubernetes cluster on loopback. It has no nodes: `startKubelet` adds one. */
export interface Cluster extends ControlPlane, Pick<KubernetesApi, "request" | "follow"> {
  /** Does nothing where the namespaces exist. */
  createNamespaces(...names: readonly string[]): Promise<void>;
  /** Removes what helm or a test put into namespaces, and leaves the namespaces; nothing in Kubernetes' own. */
  wipe(): Promise<void>;
  /** Wipes it, and removes what belongs to no namespace: nodes, and rights that are not Kubernetes' own. */
  reset(): Promise<void>;
}

/** Takes a few seconds. Whoever starts a cluster stops it. */
export async function startCluster(): Promise<Cluster> {
  return clusterOf(await startControlPlane());
}

export function clusterOf(controlPlane: ControlPlane): Cluster {
  const api = openKubernetesApi(controlPlane.server, controlPlane.token);
  return {
    ...controlPlane,
    request: api.request,
    follow: api.follow,
    createNamespaces: async (...names) => {
      await Promise.all(names.map((name) => createNamespace(api, name)));
    },
    wipe: () => wipe(api),
    reset: async () => {
      await wipe(api);
      for (const { group, plural, selector } of clusterScoped) {
        await api.request("DELETE", `/${group}/${plural}?labelSelector=${encodeURIComponent(selector)}`);
      }
    },
    stop: async () => {
      api.close();
      await controlPlane.stop();
    },
  };
}

async function createNamespace(api: KubernetesApi, name: string): Promise<void> {
  await api
    .request("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } })
    .catch(ignore(409));
}

const notKubernetesOwn = "!kubernetes.io/bootstrapping";
const rbac = "apis/rbac.authorization.k8s.io/v1";

const clusterScoped = [
  { group: "api/v1", plural: "nodes", selector: "" },
  { group: rbac, plural: "clusterrolebindings", selector: notKubernetesOwn },
  { group: rbac, plural: "clusterroles", selector: notKubernetesOwn },
] as const;

const ownNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** Owners before what they own, or they would make it anew. */
const workloads = [
  "apis/batch/v1 cronjobs",
  "apis/batch/v1 jobs",
  "apis/apps/v1 deployments",
  "apis/apps/v1 daemonsets",
  "apis/apps/v1 replicasets",
  "api/v1 pods",
] as const;
const contents = ["api/v1 services", "api/v1 configmaps", "api/v1 secrets", "api/v1 events"] as const;

type Kind = (typeof workloads)[number] | (typeof contents)[number];

/** Deletes only where there is something: most namespaces are empty, and each request costs. */
async function wipe(api: KubernetesApi): Promise<void> {
  await until("the cluster is empty", async () => {
    const kinds: readonly Kind[] = [...workloads, ...contents];
    const found = await Promise.all(
      kinds.map(async (kind) => ({ kind, namespaces: await namespacesWith(api, kind) })),
    );
    for (const { kind, namespaces } of found) {
      await Promise.all(namespaces.map((namespace) => deleteAll(api, kind, namespace)));
    }
    // What a program wrote while it was killed is seen by another look. Events go on coming, and nobody is misled by one.
    return found.every(({ kind, namespaces }) => namespaces.length === 0 || kind === "api/v1 events");
  });
}

function deleteAll(api: KubernetesApi, kind: Kind, namespace: string): Promise<unknown> {
  const [group, plural] = kind.split(" ");
  const path = `/${group}/namespaces/${namespace}/${plural}`;
  return api.request("DELETE", `${path}?gracePeriodSeconds=0&propagationPolicy=Background`);
}

const listSchema = z.object({ items: z.array(z.object({ metadata: z.object({ namespace: z.string() }) })) });

async function namespacesWith(api: KubernetesApi, kind: Kind): Promise<string[]> {
  // Kubernetes makes that one again.
  const but = kind === "api/v1 configmaps" ? "?fieldSelector=metadata.name!=kube-root-ca.crt" : "";
  const list = listSchema.parse(await api.request("GET", `/${kind.replace(" ", "/")}${but}`));
  const namespaces = new Set(list.items.map(({ metadata }) => metadata.namespace));
  return [...namespaces].filter((namespace) => !ownNamespaces.includes(namespace));
}
