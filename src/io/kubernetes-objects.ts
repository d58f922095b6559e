import type { DaemonSetFacts, EventFacts, PodAge, ServiceFacts } from "../core/cluster/cluster-reader.ts";
import * as z from "../core/common/zod.ts";
import { stringsByKey, time, words, wordsByKey } from "./kubernetes-json.ts";
import { releaseAnnotations, releaseLabels, releaseOf } from "./kubernetes-release.ts";

export const versionSchema: z.ZodMiniType<string> = z.pipe(
  z.object({ gitVersion: words }),
  z.transform(({ gitVersion }) => gitVersion),
);

/** Of any object, where only its metadata was asked for. */
export const namedSchema = z.object({ metadata: z.object({ name: words }) });

/** An answer that is one object, so that another server's JSON is not taken for it. */
export const namespaceSchema = z.object({
  kind: z.enum(["Namespace", "PartialObjectMetadata"]),
  metadata: z.object({ name: words }),
});

export const namespacedSchema = z.object({ metadata: z.object({ namespace: words }) });

export const podAgeSchema: z.ZodMiniType<PodAge> = z.pipe(
  z.object({
    metadata: z.object({ name: words, creationTimestamp: time, deletionTimestamp: z.nullish(time) }),
  }),
  z.transform(({ metadata: { name, creationTimestamp, deletionTimestamp } }) => ({
    name,
    createdAt: creationTimestamp,
    deleted: typeof deletionTimestamp === "number",
  })),
);

export const nodeSchema: z.ZodMiniType<{ readonly ready: boolean }> = z.pipe(
  z.object({
    status: z.object({
      conditions: z.nullish(z.array(z.object({ type: z.string(), status: z.string() }))),
    }),
  }),
  z.transform(({ status }) => ({
    ready: (status.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True"),
  })),
);

/** One revision of a release, or undefined for a Secret that only looks like one. */
export const helmRecordSchema = z.pipe(
  z.object({
    metadata: z.object({
      namespace: words,
      creationTimestamp: z.catch(z.optional(time), undefined),
      labels: z.nullish(
        z.object({ name: z.optional(words), status: z.optional(words), version: z.optional(z.string()) }),
      ),
    }),
  }),
  z.transform(({ metadata }) => {
    const { name, status, version } = metadata.labels ?? {};
    const revision = Number(version);
    if (name === undefined || status === undefined || !Number.isInteger(revision)) return undefined;
    const { namespace, creationTimestamp: createdAt } = metadata;
    return { namespace, name, status, revision, ...(createdAt === undefined ? {} : { createdAt }) };
  }),
);

export const serviceSchema: z.ZodMiniType<ServiceFacts> = z.pipe(
  z.object({
    metadata: z.object({ name: words, creationTimestamp: time }),
    spec: z.object({ clusterIP: z.nullish(words) }),
  }),
  z.transform(({ metadata, spec }) => ({
    name: metadata.name,
    ...(spec.clusterIP ? { clusterIp: spec.clusterIP } : {}),
    createdAt: metadata.creationTimestamp,
  })),
);

const daemonSetObjectSchema = z.object({
  metadata: z.object({
    namespace: words,
    name: words,
    generation: z._default(z.int(), 0),
    labels: z.nullish(releaseLabels),
    annotations: z.nullish(releaseAnnotations),
  }),
  spec: z.object({
    updateStrategy: z.nullish(z.object({ type: z._default(z.string(), "RollingUpdate") })),
    template: z.object({ spec: z.object({ nodeSelector: wordsByKey }) }),
  }),
  status: z._default(
    z.object({
      observedGeneration: z._default(z.int(), 0),
      desiredNumberScheduled: z._default(z.int(), 0),
      numberReady: z._default(z.int(), 0),
      updatedNumberScheduled: z._default(z.int(), 0),
    }),
    {
      observedGeneration: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
      updatedNumberScheduled: 0,
    },
  ),
});

export const daemonSetSchema: z.ZodMiniType<DaemonSetFacts> = z.pipe(
  daemonSetObjectSchema,
  z.transform(({ metadata, spec, status }) => {
    const release = releaseOf(metadata);
    const rolling = (spec.updateStrategy?.type ?? "RollingUpdate") === "RollingUpdate";
    return {
      name: metadata.name,
      ...(release === undefined ? {} : { release }),
      generation: metadata.generation,
      observedGeneration: status.observedGeneration,
      desired: status.desiredNumberScheduled,
      ready: status.numberReady,
      ...(rolling ? { updated: status.updatedNumberScheduled } : {}),
      nodeSelector: Object.entries(spec.template.spec.nodeSelector).map(([key, value]) => `${key}=${value}`),
    };
  }),
);

export const configMapSchema: z.ZodMiniType<Readonly<Record<string, string>>> = z.pipe(
  z.object({ kind: z.literal("ConfigMap"), data: stringsByKey }),
  z.transform(({ data }) => data),
);

/** An event, and how new it is. */
export interface ReportedEvent {
  readonly resourceVersion: string;
  readonly event: EventFacts;
}

export const eventSchema: z.ZodMiniType<ReportedEvent> = z.pipe(
  z.object({
    metadata: z.object({ namespace: words, resourceVersion: z.string() }),
    involvedObject: z.object({ kind: z._default(words, ""), name: z._default(words, "") }),
    reason: z._default(words, ""),
    message: z._default(words, ""),
  }),
  z.transform(({ metadata, involvedObject, reason, message }) => ({
    resourceVersion: metadata.resourceVersion,
    event: { namespace: metadata.namespace, ...involvedObject, reason, message },
  })),
);
