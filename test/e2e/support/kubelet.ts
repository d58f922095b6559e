import { join } from "node:path";
import type { Cluster } from "./cluster.ts";
import type { ContainerStarted, KubeletEvent } from "./kubelet-event.ts";
import { startKubeletLogs } from "./kubelet-logs.ts";
import { ignore } from "./kubernetes-api.ts";
import { PodKeeper } from "./pod-keeper.ts";

/**
 * A stand-in for kubelet, and for the scheduler: one node on which every pod runs, and containers that do nothing but
 * look for their service variables at their start. One that misses a variable crashes, and is started again after a
 * back-off. Annotations of a pod change that:
 *
 * - `e2e.charlie-mediawiki/lives-without: "true"`: its containers run on without what they miss;
 * - `e2e.charlie-mediawiki/never-ready: "true"`: they run, and the pod never gets ready.
 */
export interface Kubelet {
  /** What happened, in order; grows while it runs. */
  readonly history: readonly KubeletEvent[];
  /** Every start of a container of a release so far, in order. */
  starts(namespace: string, release: string): ContainerStarted[];
  /** Ends the containers of a release and starts them again at once, in the same pods, as a failed probe would. */
  restart(namespace: string, release: string): void;
  stop(): Promise<void>;
}

export interface KubeletOptions {
  /** Seconds until a crashed container starts again; doubled at each crash, up to five minutes. @default 10 */
  readonly backOff?: number;
}

const nodeName = "node-1";

/** Adds the node to the cluster and takes care of its pods until it is stopped. */
export async function startKubelet(
  cluster: Cluster,
  { backOff = 10 }: KubeletOptions = {},
): Promise<Kubelet> {
  const keeper = new PodKeeper(cluster, { nodeName, backOff });
  const logs = await startKubeletLogs({
    certificate: join(cluster.folder, "apiserver.crt"),
    key: join(cluster.folder, "apiserver.key"),
    logOf: (container) => keeper.logOf(container),
  });
  await registerNode(cluster, logs.port);
  const running = keeper.run();
  return {
    history: keeper.history,
    starts: (namespace, release) =>
      keeper.history
        .filter((event) => event.kind === "started")
        .filter((event) => event.namespace === namespace && event.release === release),
    restart: (namespace, release) => keeper.restart(namespace, release),
    stop: async () => {
      keeper.stop();
      await running;
      await logs.stop();
    },
  };
}

async function registerNode({ request }: Cluster, logsPort: number): Promise<void> {
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: nodeName } };
  await request("POST", "/api/v1/nodes", node).catch(ignore(409));
  // New nodes get a taint that keeps pods away until the node lifecycle controller, which is off, takes it back.
  await request("PATCH", `/api/v1/nodes/${nodeName}`, { spec: { taints: null } });
  const resources = { cpu: "100", memory: "100Gi", pods: "1000" };
  await request("PATCH", `/api/v1/nodes/${nodeName}/status`, {
    status: {
      conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }],
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: logsPort } },
      capacity: resources,
      allocatable: resources,
    },
  });
}
