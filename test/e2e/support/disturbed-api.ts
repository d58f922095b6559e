import { readFileSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import type { Cluster } from "./cluster.ts";

/** What happens to one request on its way to the API server. */
export type Disturbance =
  /** Another answer, which does not come from the API server. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string }
  /** The connection is reset: before the API server hears of it, or when it has done it and the answer is on its way. */
  | "reset"
  | "done-and-reset"
  /** The connection is closed in good order before there is an answer. */
  | "close"
  /** There is no answer, or it begins and does not go on. */
  | "hang"
  | "begin-and-hang"
  | "begin-and-reset";

export interface ApiRequest {
  /** Of all requests, from 1. */
  readonly count: number;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
}

/** A way to a cluster on which requests go wrong. HTTP/1.1, as behind most load balancers. */
export interface DisturbedApi {
  readonly kubeconfigFile: string;
  close(): void;
}

/** The API server's certificate is the proxy's too: both listen on the same address. */
export async function openDisturbedApi(
  { server, folder, kubeconfigFile }: Cluster,
  disturb: (request: ApiRequest) => Disturbance | undefined,
): Promise<DisturbedApi> {
  const agent = new Agent({ keepAlive: true, rejectUnauthorized: false });
  const sockets = new Map<number | undefined, Socket>();
  let count = 0;
  const proxy = createServer(
    { cert: readFileSync(join(folder, "apiserver.crt")), key: readFileSync(join(folder, "apiserver.key")) },
    (incoming, answer) => {
      count += 1;
      const { method = "GET", url = "/", socket } = incoming;
      const disturbance = disturb({ count, method, path: new URL(url, server).pathname });
      const raw = sockets.get(socket.remotePort);
      if (disturbance === "close") raw?.destroy();
      else if (disturbance === "reset") raw?.resetAndDestroy();
      else if (disturbance === "done-and-reset") {
        pass({ agent, server, incoming, onAnswer: () => raw?.resetAndDestroy() });
      } else if (disturbance === "hang") {
        incoming.resume();
      } else if (disturbance === "begin-and-hang" || disturbance === "begin-and-reset") {
        incoming.resume();
        answer.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
        answer.write('{"kind":');
        // What was written is on its way first.
        if (disturbance === "begin-and-reset") setTimeout(() => raw?.resetAndDestroy(), 500);
      } else if (disturbance === undefined) {
        pass({ agent, server, incoming, onAnswer: (passed) => hand(passed, answer) });
      } else {
        incoming.resume();
        answer.writeHead(disturbance.status, disturbance.headers).end(disturbance.body);
      }
    },
  );
  proxy.on("connection", (socket: Socket) => {
    const port = socket.remotePort;
    sockets.set(port, socket);
    socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(port));
  });
  const port = await new Promise<number>((resolve) => {
    // The address of a TCP server is no text.
    proxy.listen(0, "127.0.0.1", () => resolve((proxy.address() as AddressInfo).port));
  });
  const file = join(folder, `disturbed-${port}.config`);
  writeFileSync(file, readFileSync(kubeconfigFile, "utf8").replaceAll(server, `https://127.0.0.1:${port}`));
  return {
    kubeconfigFile: file,
    close: () => {
      for (const socket of sockets.values()) socket.destroy();
      proxy.close();
      agent.destroy();
    },
  };
}

function pass(options: {
  readonly agent: Agent;
  readonly server: string;
  readonly incoming: IncomingMessage;
  readonly onAnswer: (answer: IncomingMessage) => void;
}): void {
  const { agent, server, incoming, onAnswer } = options;
  const { method, url = "/", headers } = incoming;
  const outgoing = request(new URL(url, server), { agent, method, headers }, onAnswer);
  outgoing.on("error", () => incoming.socket.destroy());
  incoming.pipe(outgoing);
}

function hand(passed: IncomingMessage, answer: ServerResponse): void {
  answer.writeHead(passed.statusCode ?? 502, passed.headers);
  passed.pipe(answer);
}
