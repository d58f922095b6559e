import * as z from "zod";
import type { ContainerFacts, Ended, PodFacts } from "../core/cluster-reader.ts";
import { listOf, stringsByKey, time, words } from "./kubernetes-json.ts";

const reference = z.object({ name: z.string() });

const containerSchema = z.object({
  name: z.string(),
  restartPolicy: z.string().optional(),
  args: listOf(z.string()),
  command: listOf(z.string()),
  env: listOf(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      valueFrom: z.object({ configMapKeyRef: reference.nullish() }).nullish(),
    }),
  ),
  envFrom: listOf(z.object({ configMapRef: reference.nullish() })),
  volumeMounts: listOf(z.object({ name: z.string() })),
});

const volumeSchema = z.object({
  name: z.string(),
  configMap: reference.nullish(),
  projected: z.object({ sources: listOf(z.object({ configMap: reference.nullish() })) }).nullish(),
});

const endSchema = z.object({
  exitCode: z.int(),
  reason: words.optional(),
  message: words.optional(),
  startedAt: time.nullish(),
});

const stateSchema = z.object({
  waiting: z.object({ reason: words.optional(), message: words.optional() }).nullish(),
  running: z.object({ startedAt: time }).nullish(),
  terminated: endSchema.nullish(),
});

const containerStatusSchema = z.object({
  name: z.string(),
  restartCount: z.int().default(0),
  state: stateSchema.nullish(),
  lastState: stateSchema.nullish(),
});

const podObjectSchema = z.object({
  metadata: z.object({
    namespace: z.string(),
    name: z.string(),
    labels: stringsByKey,
    creationTimestamp: time,
    deletionTimestamp: time.nullish(),
    ownerReferences: listOf(
      z.object({ kind: z.string(), name: z.string(), controller: z.boolean().nullish() }),
    ),
  }),
  spec: z.object({
    enableServiceLinks: z.boolean().nullish(),
    initContainers: listOf(containerSchema),
    containers: listOf(containerSchema),
    volumes: listOf(volumeSchema),
  }),
  status: z
    .object({
      reason: words.optional(),
      conditions: listOf(
        z.object({
          type: z.string(),
          status: z.string(),
          reason: words.optional(),
          message: words.optional(),
        }),
      ),
      initContainerStatuses: listOf(containerStatusSchema),
      containerStatuses: listOf(containerStatusSchema),
    })
    .default({ conditions: [], initContainerStatuses: [], containerStatuses: [] }),
});

type PodObject = z.output<typeof podObjectSchema>;
type ContainerObject = z.output<typeof containerSchema>;
type ContainerStatus = z.output<typeof containerStatusSchema>;

/** A pod of the API, as the facts that are kept of it. */
export const podSchema: z.ZodType<PodFacts> = podObjectSchema.transform(podFacts);

function podFacts(pod: PodObject): PodFacts {
  const { metadata, spec, status } = pod;
  const release = releaseByLabels(metadata.labels);
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

/** The release that an object belongs to, as charts say it: Wikimedia's, else Kubernetes' own way. */
export function releaseByLabels(labels: Readonly<Record<string, string>>): string | undefined {
  return labels.release ?? labels["app.kubernetes.io/instance"];
}

function ownerOf({ metadata }: PodObject): PodFacts["owner"] {
  const owner = metadata.ownerReferences.find(({ controller }) => controller === true);
  if (owner === undefined) return undefined;
  const { kind, name } = owner;
  const hash = metadata.labels["pod-template-hash"];
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
    variables: variablesOf(container),
    ownVariables: container.env.map(({ name }) => name),
    configMaps: configMapsOf(pod, container),
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

/** The API server's own Service has its variables in every namespace, whatever is deployed there. */
const serviceVariable = /\b(?!KUBERNETES_SERVICE_)[A-Z][A-Z0-9_]*_SERVICE_(?:HOST|PORT)\b/g;

function variablesOf({ env, command, args }: ContainerObject): string[] {
  const texts = [...env.map(({ value }) => value ?? ""), ...command, ...args];
  const own = new Set(env.map(({ name }) => name));
  return unique(texts.flatMap((text) => text.match(serviceVariable) ?? [])).filter((name) => !own.has(name));
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
  return unique(references.flatMap((found) => found?.name ?? []));
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
