import * as z from "zod";
import { ignore, type KubernetesApi } from "./kubernetes-api.ts";
import { type Container, configMapsOf, type Pod } from "./pod.ts";

/** What a container finds at one start, or the ConfigMap without which it cannot start. */
export type ContainerStart =
  | {
      readonly kind: "possible";
      /** The service variables of this moment. */
      readonly variables: Readonly<Record<string, string>>;
      /** Those that the container wants and that are not among them. */
      readonly missing: readonly string[];
    }
  | { readonly kind: "impossible"; readonly configMap: string };

/** Looks at the Services and ConfigMaps of the pod's namespace as they are now. */
export async function prepareContainerStart(
  { request }: Pick<KubernetesApi, "request">,
  pod: Pod,
  container: Container,
): Promise<ContainerStart> {
  const namespace = `/api/v1/namespaces/${pod.metadata.namespace}`;
  const texts = container.env.map((entry) => entry.value ?? "");
  for (const { name, optional } of configMapsOf(pod, container)) {
    const found = await request("GET", `${namespace}/configmaps/${name}`).catch(ignore(404));
    if (found === undefined && !optional) return { kind: "impossible", configMap: name };
    texts.push(...Object.values(configMapSchema.parse(found ?? {}).data));
  }
  const services = serviceListSchema.parse(await request("GET", `${namespace}/services`));
  const variables = serviceVariables(services);
  const own = container.env.map((entry) => entry.name);
  const wanted = new Set(texts.flatMap(wantedServiceVariables));
  const missing = [...wanted].filter((name) => !(name in variables) && !own.includes(name));
  return { kind: "possible", variables, missing };
}

const configMapSchema = z.object({ data: z.record(z.string(), z.string()).default({}) });

const serviceListSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({
        clusterIP: z.string().default("None"),
        ports: z.array(z.object({ port: z.number() })).default([]),
      }),
    }),
  ),
});

/** As kubelet makes them of each Service that has a cluster IP. */
function serviceVariables(services: z.output<typeof serviceListSchema>): Record<string, string> {
  const variables: Record<string, string> = {
    // The API server's own Service, which pods of every namespace get.
    KUBERNETES_SERVICE_HOST: "10.96.0.1",
    KUBERNETES_SERVICE_PORT: "443",
  };
  for (const { metadata, spec } of services.items) {
    if (spec.clusterIP === "None" || spec.clusterIP === "") continue;
    const prefix = metadata.name.toUpperCase().replaceAll("-", "_");
    variables[`${prefix}_SERVICE_HOST`] = spec.clusterIP;
    variables[`${prefix}_SERVICE_PORT`] = `${spec.ports[0]?.port ?? ""}`;
  }
  return variables;
}

/** The service variables that a text asks for, as `${X_SERVICE_HOST}` or `$(X_SERVICE_HOST)`. */
function wantedServiceVariables(text: string): string[] {
  const found = text.matchAll(/\$[{(]([A-Z][A-Z0-9_]*_SERVICE_(?:HOST|PORT))[})]/g);
  return [...found].flatMap(([, name]) => name ?? []);
}
