import { readFileSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";

/** A way to a cluster that can be cut: for those who ask through it, the API server is away then. */
export interface Gateway {
  readonly kubeconfigFile: string;
  /** Closes all connections, and takes no new ones. */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

/**
 * Whoever opens it cuts it in the end.
 *
 * @param onConnection called for each connection before anything is passed on; they count from 1
 */
export async function openGateway(
  { server, kubeconfigFile, folder }: Cluster,
  onConnection: (connection: number) => void = () => undefined,
): Promise<Gateway> {
  let connections = 0;
  const target = new URL(server);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  };
  const listening = createServer((inside) => {
    const outside = connect(Number(target.port), target.hostname);
    keep(inside);
    keep(outside);
    inside.pipe(outside).pipe(inside);
    inside.on("close", () => outside.destroy());
    outside.on("close", () => inside.destroy());
    connections += 1;
    onConnection(connections);
  });
  const port = await listen(listening, 0);
  const file = join(folder, "gateway.config");
  writeFileSync(
    file,
    readFileSync(kubeconfigFile, "utf8").replaceAll(server, `https://${target.hostname}:${port}`),
  );
  return {
    kubeconfigFile: file,
    cut: async () => {
      const closed = new Promise((resolve) => listening.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    mend: async () => {
      await listen(listening, port);
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
      resolve(address.port);
    });
  });
}
