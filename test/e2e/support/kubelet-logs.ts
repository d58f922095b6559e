import { readFileSync } from "node:fs";
import { createServer } from "node:https";

/** The part of kubelet that hands out the logs of containers: the API server asks it for `pods/NAME/log`. */
export interface KubeletLogs {
  readonly port: number;
  stop(): Promise<void>;
}

export interface KubeletLogsOptions {
  /** Files; the API server does not check whose certificate it is. */
  readonly certificate: string;
  readonly key: string;
  /** The log of a container, or undefined if there is none. */
  readonly logOf: (container: { namespace: string; pod: string; container: string }) => string | undefined;
}

export async function startKubeletLogs(options: KubeletLogsOptions): Promise<KubeletLogs> {
  const certificate = { cert: readFileSync(options.certificate), key: readFileSync(options.key) };
  const server = createServer(certificate, (request, response) => {
    const [, endpoint, namespace = "", pod = "", container = ""] = new URL(
      request.url ?? "/",
      "https://localhost",
    ).pathname.split("/");
    const log = endpoint === "containerLogs" ? options.logOf({ namespace, pod, container }) : undefined;
    response.writeHead(log === undefined ? 404 : 200, { "content-type": "text/plain" });
    response.end(log);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return {
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
