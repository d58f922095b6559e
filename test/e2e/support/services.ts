import type { Cluster } from "./cluster.ts";

const name = "statsd-exporter-prometheus";

/** Makes by hand the Service that MediaWiki's containers look for, as the release `prometheus` would. */
export function makeService({ request }: Pick<Cluster, "request">, namespace: string): Promise<unknown> {
  return request("POST", servicesOf(namespace), {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { ports: [{ port: 9125 }] },
  });
}

export function deleteService({ request }: Pick<Cluster, "request">, namespace: string): Promise<unknown> {
  return request("DELETE", `${servicesOf(namespace)}/${name}`);
}

function servicesOf(namespace: string): string {
  return `/api/v1/namespaces/${namespace}/services`;
}
