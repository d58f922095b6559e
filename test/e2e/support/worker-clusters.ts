import { createServer } from "node:http";
import type { TestProject } from "vitest/node";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Where a worker asks for its cluster. */
    workerClusters: string;
  }
}

/** What a worker may have done to the servers of its cluster, and is told of them then. */
const requests = {
  /** Starts what does not run: the servers at first, or an API server that an earlier file left stopped. */
  take: (plane: ControlPlane) => plane.startApiServer(),
  stopApiServer: (plane: ControlPlane) => plane.stopApiServer(),
  startApiServer: (plane: ControlPlane) => plane.startApiServer(),
} as const;

export type ClusterRequest = keyof typeof requests;

/**
 * Before the tests of a project: listens for workers that want a cluster. Each has one for all its files, which starts
 * when the first of them asks. All stop at the end.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const planes = new Map<string, Promise<ControlPlane>>();

  const handle = async (worker: string, request: string): Promise<ControlPlane> => {
    if (!isRequest(request)) throw new Error(`there is no ${request}`);
    const starting = planes.get(worker) ?? startControlPlane();
    planes.set(worker, starting);
    try {
      const plane = await starting;
      await requests[request](plane);
      return plane;
    } catch (error) {
      // The next file of this worker may have more luck.
      planes.delete(worker);
      await starting.then((plane) => plane.stop()).catch(() => undefined);
      throw error;
    }
  };

  const server = createServer((incoming, answer) => {
    const [, worker = "", request = ""] = (incoming.url ?? "").split("/");
    handle(worker, request).then(
      (plane) => answer.end(JSON.stringify(plane)),
      (error: unknown) => answer.writeHead(500).end(`${error}`),
    );
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("a TCP server has a port"));
      else resolve(address.port);
    });
  });
  project.provide("workerClusters", `http://127.0.0.1:${port}`);
  return async () => {
    server.closeAllConnections();
    server.close();
    const all = await Promise.allSettled(planes.values());
    await Promise.all(all.map((one) => (one.status === "fulfilled" ? one.value.stop() : undefined)));
  };
}

function isRequest(text: string): text is ClusterRequest {
  return Object.hasOwn(requests, text);
}
