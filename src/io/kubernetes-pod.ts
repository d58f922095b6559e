import type { ContainerFacts, Ended, EnvironmentSource, PodFacts } from "../core/cluster/cluster-reader.ts";
import * as z from "../core/common/zod.ts";
import { mentionsIn } from "../core/manifests/variable-mention.ts";
import type { ListRequest } from "./kubernetes-answers.ts";
import { apiPath } from "./kubernetes-client.ts";
import { listOf, time, words } from "./kubernetes-json.ts";
import { releaseByLabels, releaseLabels } from "./kubernetes-release.ts";

/** Asks for the pods of a namespace. */
export function podList(namespace: string): ListRequest {
  return {
    what: `the pods of ${namespace}`,
    kind: "PodList",
    path: apiPath`/api/v1/namespaces/${namespace}/pods`,
  };
}

const reference = z.object({ name: words });

const containerSchema = z.object({
  name: words,
  restartPolicy: z.optional(z.string()),
  args: listOf(z.string()),
  command: listOf(z.string()),
  // Hundreds a pod; their names are compared, and never shown.
  env: listOf(
    z.object({
      name: z.string(),
      value: z.optional(z.string()),
      valueFrom: z.nullish(z.object({ configMapKeyRef: z.nullish(reference) })),
    }),
  ),
  envFrom: listOf(
    z.object({
      prefix: z.optional(words),
      configMapRef: z.nullish(reference),
      secretRef: z.nullish(reference),
    }),
  ),
  volumeMounts: listOf(z.object({ name: z.string() })),
});

const volumeSchema = z.object({
  name: z.string(),
  configMap: z.nullish(reference),
  projected: z.nullish(z.object({ sources: listOf(z.object({ configMap: z.nullish(reference) })) })),
});

const endSchema = z.object({
  exitCode: z.int(),
  reason: z.optional(words),
  message: z.optional(words),
  startedAt: z.nullish(time),
});

const stateSchema = z.object({
  waiting: z.nullish(z.object({ reason: z.optional(words), message: z.optional(words) })),
  running: z.nullish(z.object({ startedAt: time })),
  terminated: z.nullish(endSchema),
});

const containerStatusSchema = z.object({
  name: words,
  restartCount: z._default(z.int(), 0),
  state: z.nullish(stateSchema),
  lastState: z.nullish(stateSchema),
});

const podObjectSchema = z.object({
  metadata: z.object({
    namespace: words,
    name: words,
    labels: z.nullish(z.extend(releaseLabels, { "pod-template-hash": z.optional(words) })),
    creationTimestamp: time,
    deletionTimestamp: z.nullish(time),
    ownerReferences: listOf(z.object({ kind: words, name: words, controller: z.nullish(z.boolean()) })),
  }),
  spec: z.object({
    enableServiceLinks: z.nullish(z.boolean()),
    initContainers: listOf(containerSchema),
    containers: listOf(containerSchema),
    volumes: listOf(volumeSchema),
  }),
  status: z._default(
    z.object({
      reason: z.optional(words),
      conditions: listOf(
        z.object({
          type: z.string(),
          status: z.string(),
          reason: z.optional(words),
          message: z.optional(words),
        }),
      ),
      initContainerStatuses: listOf(containerStatusSchema),
      containerStatuses: listOf(containerStatusSchema),
    }),
    { conditions: [], initContainerStatuses: [], containerStatuses: [] },
  ),
});

type PodObject = z.output<typeof podObjectSchema>;
type ContainerObject = z.output<typeof containerSchema>;
type ContainerStatus = z.output<typeof containerStatusSchema>;

/** A pod of the API, as the facts that are kept of it. */
export const podSchema: z.ZodMiniType<PodFacts> = z.pipe(podObjectSchema, z.transform(podFacts));

function podFacts(pod: PodObject): PodFacts {
  const { metadata, spec, status } = pod;
  const release = releaseByLabels(metadata.labels ?? {});
  const owner = ownerOf(pod);
  const unschedulable = unschedulableOf(pod);
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    ...(release === undefined ? {} : { release }),
    ...(owner === undefined ? {} : { owner }),
    createdAt: metadata.creationTimestamp,
    deleted: typeof metadata.deletionTimestamp === "number",
    ...(unschedulable === undefined ? {} : { unschedulable }),
    containers: [
      ...spec.initContainers.map((container) =>
        // One that is always restarted runs beside the others: a sidecar.
        containerFacts(pod, container, {
          init: container.restartPolicy !== "Always",
          statuses: status.initContainerStatuses,
        }),
      ),
      ...spec.containers.map((container) =>
        containerFacts(pod, container, { init: false, statuses: status.containerStatuses }),
      ),
    ],
    serviceLinks: spec.enableServiceLinks !== false,
  };
}

function ownerOf({ metadata }: PodObject): PodFacts["owner"] {
  const owner = metadata.ownerReferences.find(({ controller }) => controller === true);
  if (owner === undefined) return undefined;
  const { kind, name } = owner;
  const hash = metadata.labels?.["pod-template-hash"];
  const isOfDeployment = kind === "ReplicaSet" && hash !== undefined && name.endsWith(`-${hash}`);
  return isOfDeployment ? { kind: "Deployment", name: name.slice(0, -hash.length - 1) } : { kind, name };
}

function unschedulableOf({ status }: PodObject): string | undefined {
  const condition = status.conditions.find(({ type }) => type === "PodScheduled");
  if (condition?.status !== "False" || condition.reason !== "Unschedulable") return undefined;
  return condition.message ?? "no node takes it";
}

function containerFacts(
  pod: PodObject,
  container: ContainerObject,
  { init, statuses }: { readonly init: boolean; readonly statuses: readonly ContainerStatus[] },
): ContainerFacts {
  const status = statuses.find(({ name }) => name === container.name);
  const lastEnd = status?.lastState?.terminated;
  return {
    name: container.name,
    init,
    state: stateOf(status?.state, pod.status.reason ?? "Pending"),
    ...(lastEnd ? { lastEnd: ended(lastEnd) } : {}),
    restarts: status?.restartCount ?? 0,
    ...variablesOf(container),
    configMaps: configMapsOf(pod, container),
    envFromConfigMaps: container.envFrom.flatMap(environmentSource),
    hasSecretEnvironment: container.envFrom.some(({ secretRef }) => secretRef),
  };
}

function stateOf(
  state: ContainerStatus["state"],
  /** Of a container that no kubelet has reported on. */
  reasonOfPod: string,
): ContainerFacts["state"] {
  if (state?.running) return { kind: "running", startedAt: state.running.startedAt };
  if (state?.terminated) return ended(state.terminated);
  const { reason = reasonOfPod, message } = state?.waiting ?? {};
  return { kind: "waiting", reason, ...(message === undefined ? {} : { message }) };
}

function ended(end: z.output<typeof endSchema>): Ended {
  const { exitCode, reason = exitCode === 0 ? "Completed" : "Error", message, startedAt } = end;
  return {
    kind: "ended",
    exitCode,
    reason,
    ...(message === undefined ? {} : { message }),
    ...(typeof startedAt === "number" ? { startedAt } : {}),
  };
}

function variablesOf({
  env,
  command,
  args,
}: ContainerObject): Pick<ContainerFacts, "variables" | "defaultedVariables" | "ownVariables"> {
  const ownVariables = env.map(({ name }) => name);
  const own = new Set(ownVariables);
  const mentions = mentionsIn([...env.map(({ value }) => value ?? ""), ...command, ...args]).filter(
    ({ variable }) => !own.has(variable),
  );
  return {
    variables: mentions.map(({ variable }) => variable),
    defaultedVariables: mentions.filter(({ hasDefault }) => hasDefault).map(({ variable }) => variable),
    ownVariables,
  };
}

function environmentSource({
  prefix = "",
  configMapRef,
}: ContainerObject["envFrom"][number]): EnvironmentSource[] {
  return configMapRef ? [{ name: configMapRef.name, prefix }] : [];
}

function configMapsOf({ spec }: PodObject, container: ContainerObject): string[] {
  const mounts = new Set(container.volumeMounts.map(({ name }) => name));
  const mounted = spec.volumes
    .filter(({ name }) => mounts.has(name))
    .flatMap(({ configMap, projected }) => [
      configMap,
      ...(projected?.sources.map((source) => source.configMap) ?? []),
    ]);
  const references = [
    ...mounted,
    ...container.envFrom.map(({ configMapRef }) => configMapRef),
    ...container.env.map(({ valueFrom }) => valueFrom?.configMapKeyRef),
  ];
  return [...new Set(references.flatMap((found) => found?.name ?? []))];
}
