import type { ClusterIdentity, ClusterReader, HelmRelease, Reading } from "../core/cluster/cluster-reader.ts";
import { groupedBy } from "../core/common/grouped-by.ts";
import { plainLine } from "../core/common/plain-line.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import type * as z from "../core/common/zod.ts";
import {
  type KubernetesList,
  type ListRequest,
  metadataOnly,
  readList,
  readObject,
} from "./kubernetes-answers.ts";
import { apiPath, type Connect, type KubernetesClient } from "./kubernetes-client.ts";
import type { FailedCall } from "./kubernetes-failure.ts";
import {
  configMapSchema,
  daemonSetSchema,
  helmRecordSchema,
  namedSchema,
  namespacedSchema,
  namespaceSchema,
  nodeSchema,
  podAgeSchema,
  serviceSchema,
  versionSchema,
} from "./kubernetes-objects.ts";
import { podList, podSchema } from "./kubernetes-pod.ts";
import { watchNamespace } from "./kubernetes-watch.ts";

/** Reads a cluster through its API. */
export function kubernetesReader(connect: Connect): ClusterReader {
  const reading = async <Value>(
    read: (client: KubernetesClient) => Promise<Result<Value, FailedCall>>,
  ): Reading<Value> => {
    const client = await connect();
    if (!client.ok) return client;
    const answer = await read(client.value);
    return answer.ok ? answer : fail(answer.failure.reason);
  };
  const list = <Item, Value>(
    request: ListRequest,
    item: z.ZodMiniType<Item>,
    of: (list: KubernetesList<Item>) => Value,
  ): Reading<Value> =>
    reading(async (client) => {
      const answer = await readList(client, request, item);
      return answer.ok ? ok(of(answer.value)) : answer;
    });

  return {
    identity: () => reading(readIdentity),
    namespaces: () =>
      list(
        { what: "the namespaces", kind: "NamespaceList", path: "/api/v1/namespaces", accept: metadataOnly },
        namedSchema,
        ({ items }) => items.map(({ metadata }) => metadata.name).sort(),
      ),
    hasNamespace: (name) => reading((client) => readHasNamespace(client, name)),
    podCounts: () =>
      list(
        { what: "the pods of all namespaces", kind: "PodList", path: "/api/v1/pods", accept: metadataOnly },
        namespacedSchema,
        ({ items }) => countByNamespace(items.map(({ metadata }) => metadata.namespace)),
      ),
    releases: (namespace) => list(helmRecords(namespace), helmRecordSchema, ({ items }) => newest(items)),
    services: (namespace) =>
      list(
        {
          what: `the Services of ${namespace}`,
          kind: "ServiceList",
          path: apiPath`/api/v1/namespaces/${namespace}/services`,
        },
        serviceSchema,
        ({ items, at = Date.now() }) => ({ now: at, services: items }),
      ),
    pods: (namespace) => list(podList(namespace), podSchema, ({ items }) => items),
    podAges: (namespace) =>
      list({ ...podList(namespace), accept: metadataOnly }, podAgeSchema, ({ items }) => items),
    daemonSets: (namespace) =>
      list(
        {
          what: `the DaemonSets of ${namespace}`,
          kind: "DaemonSetList",
          path: apiPath`/apis/apps/v1/namespaces/${namespace}/daemonsets`,
        },
        daemonSetSchema,
        ({ items }) => items,
      ),
    configMap: (namespace, name) => reading((client) => readConfigMap(client, namespace, name)),
    log: (container, options) => reading((client) => readLog(client, container, options)),
    watch: (namespace, take, signal) => watchNamespace(connect, { namespace, take, signal }),
  };
}

async function readIdentity(client: KubernetesClient): Promise<Result<ClusterIdentity, FailedCall>> {
  const [version, nodes] = await Promise.all([
    readObject(client, { what: "the version", path: "/version" }, versionSchema),
    readList(client, { what: "the nodes", kind: "NodeList", path: "/api/v1/nodes" }, nodeSchema),
  ]);
  if (!version.ok) return version;
  return ok({
    server: client.server,
    version: version.value,
    nodes: nodes.ok
      ? ok({ total: nodes.value.items.length, ready: nodes.value.items.filter(({ ready }) => ready).length })
      : fail(nodes.failure.reason),
  });
}

async function readHasNamespace(
  client: KubernetesClient,
  name: string,
): Promise<Result<boolean, FailedCall>> {
  const request = { what: `the namespace ${name}`, path: apiPath`/api/v1/namespaces/${name}` };
  const found = await readObject(client, request, namespaceSchema);
  if (found.ok) return ok(true);
  return found.failure.notFound ? ok(false) : found;
}

async function readConfigMap(
  client: KubernetesClient,
  namespace: string,
  name: string,
): Promise<Result<Readonly<Record<string, string>> | undefined, FailedCall>> {
  const what = `the ConfigMap ${name} of ${namespace}`;
  const path = apiPath`/api/v1/namespaces/${namespace}/configmaps/${name}`;
  const found = await readObject(client, { what, path }, configMapSchema);
  return !found.ok && found.failure.notFound ? ok(undefined) : found;
}

/** As much of a log as tells why a container ended. */
const logTail = { tailLines: "20", limitBytes: "16384" };
const longestLogLine = 500;

async function readLog(
  client: KubernetesClient,
  { namespace, pod, container }: Parameters<ClusterReader["log"]>[0],
  { previous = false }: { readonly previous?: boolean } = {},
): Promise<Result<string[], FailedCall>> {
  const answer = await client.get({
    what: `the log of container ${container} of pod ${namespace}/${pod}`,
    path: apiPath`/api/v1/namespaces/${namespace}/pods/${pod}/log`,
    query: { container, ...logTail, previous: previous ? "true" : undefined },
    accept: "*/*",
  });
  if (!answer.ok) return answer;
  const lines = answer.value.text.replace(/\n$/, "").split("\n");
  return ok(answer.value.text === "" ? [] : lines.map((line) => plainLine(line, longestLogLine)));
}

function helmRecords(namespace: string | undefined): ListRequest {
  return {
    kind: "SecretList",
    what: namespace === undefined ? "helm's releases of all namespaces" : `helm's releases of ${namespace}`,
    path: namespace === undefined ? "/api/v1/secrets" : apiPath`/api/v1/namespaces/${namespace}/secrets`,
    query: { labelSelector: "owner=helm" },
    accept: metadataOnly,
  };
}

/** Of each release its newest revision: helm keeps a record of each. */
function newest(records: readonly (HelmRelease | undefined)[]): HelmRelease[] {
  const sound = records.filter((record) => record !== undefined);
  const all = groupedBy(sound, ({ namespace, name }) => `${namespace}/${name}`);
  return [...all.values()].flatMap((revisions) => {
    const sorted = revisions.toSorted((one, other) => other.revision - one.revision);
    const fallback = fallbackStates
      .map((state) => sorted.find(({ status }) => status === state))
      .find((found) => found !== undefined);
    const [release] = sorted;
    if (!release) return [];
    return [fallback === undefined ? release : { ...release, fallbackRevision: fallback.revision }];
  });
}

/** The best first. */
const fallbackStates = ["deployed", "superseded", "failed"];

function countByNamespace(namespaces: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const namespace of namespaces) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  return counts;
}
