import { inject } from "vitest";
import * as z from "zod";
import { type Cluster, clusterOf } from "./cluster.ts";
import type { ClusterRequest } from "./worker-clusters.ts";

/**
 * The cluster of this worker, as if it had just been started, but that the namespaces of earlier files are still there,
 * empty. No other file has it meanwhile. Whoever takes it stops it, which leaves its servers to the next file.
 */
export async function takeCluster(): Promise<Cluster> {
  const cluster = clusterOf({
    ...planeSchema.parse(await ask("take")),
    stopApiServer: async () => {
      await ask("stopApiServer");
    },
    startApiServer: async () => {
      await ask("startApiServer");
    },
    stop: async () => undefined,
  });
  await cluster.reset();
  return cluster;
}

const planeSchema = z.object({
  folder: z.string(),
  server: z.string(),
  token: z.string(),
  kubeconfigFile: z.string(),
  strangerKubeconfigFile: z.string(),
});

async function ask(request: ClusterRequest): Promise<unknown> {
  const worker = process.env.VITEST_POOL_ID;
  const answer = await fetch(`${inject("workerClusters")}/${worker}/${request}`, { method: "POST" });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
