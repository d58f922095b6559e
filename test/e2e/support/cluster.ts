import * as z from "zod";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { ignore, type KubernetesApi, openKubernetesApi } from "./kubernetes-api.ts";
import { until } from "./until.ts";

/** A Kubernetes cluster on loopback. It has no nodes: `startKubelet` adds one. */
export interface Cluster extends ControlPlane, Pick<KubernetesApi, "request"> {
  /** Does nothing where the namespaces exist. */
  createNamespaces(...names: readonly string[]): Promise<void>;
  deleteNamespace(name: string): Promise<void>;
  /** Removes what helm or a test put into namespaces, and leaves the namespaces; nothing in Kubernetes' own. */
  wipe(): Promise<void>;
}

/** Takes a few seconds. Whoever starts a cluster stops it. */
export async function startCluster(): Promise<Cluster> {
  const controlPlane = await startControlPlane();
  const api = openKubernetesApi(controlPlane.server, controlPlane.token);
  return {
    ...controlPlane,
    request: api.request,
    createNamespaces: async (...names) => {
      for (const name of names) await createNamespace(api, name);
    },
    deleteNamespace: (name) => deleteNamespace(api, name),
    wipe: () => wipe(api),
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

async function deleteNamespace(api: KubernetesApi, name: string): Promise<void> {
  // What is left in it when it ends makes the namespace controller wait for half a pod's grace period.
  await empty(api, name);
  await api.request("DELETE", `/api/v1/namespaces/${name}`).catch(ignore(404, 409));
  await until(`namespace ${name} is gone`, async () => {
    const found = await api.request("GET", `/api/v1/namespaces/${name}`).catch(ignore(404));
    return found === undefined;
  });
}

const ownNamespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

async function wipe(api: KubernetesApi): Promise<void> {
  const names = await list(api, "/api/v1/namespaces");
  await Promise.all(names.filter((name) => !ownNamespaces.includes(name)).map((name) => empty(api, name)));
}

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

async function empty(api: KubernetesApi, namespace: string): Promise<void> {
  await until(`namespace ${namespace} is empty`, async () => {
    for (const kind of [...workloads, ...contents]) {
      const path = collection(kind, namespace);
      await api.request("DELETE", `${path}?gracePeriodSeconds=0&propagationPolicy=Background`);
    }
    const left = await Promise.all(workloads.map((kind) => list(api, collection(kind, namespace))));
    return left.flat().length === 0;
  });
}

function collection(kind: Kind, namespace: string): string {
  const [group, plural] = kind.split(" ");
  return `/${group}/namespaces/${namespace}/${plural}`;
}

const listSchema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

async function list(api: KubernetesApi, path: string): Promise<string[]> {
  return listSchema.parse(await api.request("GET", path)).items.map((item) => item.metadata.name);
}
