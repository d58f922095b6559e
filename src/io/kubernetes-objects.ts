import * as z from "zod";
import type { DaemonSetFacts, EventFacts, PodAge, ServiceFacts } from "../core/cluster-reader.ts";
import { stringsByKey, time, words, wordsByKey } from "./kubernetes-json.ts";
import { releaseByLabels, releaseLabels } from "./kubernetes-pod.ts";

export const versionSchema: z.ZodType<string> = z
  .object({ gitVersion: words })
  .transform(({ gitVersion }) => gitVersion);

/** Of any object, where only its metadata was asked for. */
export const namedSchema = z.object({ metadata: z.object({ name: words }) });

/** An answer that is one object, so that another server's JSON is not taken for it. */
export const namespaceSchema = z.object({
  kind: z.enum(["Namespace", "PartialObjectMetadata"]),
  metadata: z.object({ name: words }),
});

export const namespacedSchema = z.object({ metadata: z.object({ namespace: words }) });

export const podAgeSchema: z.ZodType<PodAge> = z
  .object({
    metadata: z.object({ name: words, creationTimestamp: time, deletionTimestamp: time.nullish() }),
  })
  .transform(({ metadata: { name, creationTimestamp, deletionTimestamp } }) => ({
    name,
    createdAt: creationTimestamp,
    deleted: typeof deletionTimestamp === "number",
  }));

export const nodeSchema: z.ZodType<{ readonly ready: boolean }> = z
  .object({
    status: z.object({
      conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish(),
    }),
  })
  .transform(({ status }) => ({
    ready: (status.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True"),
  }));

/** One revision of a release, or undefined for a Secret that only looks like one. */
export const helmRecordSchema = z
  .object({
    metadata: z.object({
      namespace: words,
      creationTimestamp: time.optional().catch(undefined),
      labels: z
        .object({ name: words.optional(), status: words.optional(), version: z.string().optional() })
        .nullish(),
    }),
  })
  .transform(({ metadata }) => {
    const { name, status, version } = metadata.labels ?? {};
    const revision = Number(version);
    if (name === undefined || status === undefined || !Number.isInteger(revision)) return undefined;
    const { namespace, creationTimestamp: createdAt } = metadata;
    return { namespace, name, status, revision, ...(createdAt === undefined ? {} : { createdAt }) };
  });

export const serviceSchema: z.ZodType<ServiceFacts> = z
  .object({
    metadata: z.object({ name: words, creationTimestamp: time }),
    spec: z.object({ clusterIP: words.nullish() }),
  })
  .transform(({ metadata, spec }) => ({
    name: metadata.name,
    ...(spec.clusterIP ? { clusterIp: spec.clusterIP } : {}),
    createdAt: metadata.creationTimestamp,
  }));

const daemonSetObjectSchema = z.object({
  metadata: z.object({
    namespace: words,
    name: words,
    generation: z.int().default(0),
    labels: releaseLabels.nullish(),
    annotations: z
      .object({
        "meta.helm.sh/release-name": words.optional(),
        "meta.helm.sh/release-namespace": words.optional(),
      })
      .nullish(),
  }),
  spec: z.object({
    updateStrategy: z.object({ type: z.string().default("RollingUpdate") }).nullish(),
    template: z.object({ spec: z.object({ nodeSelector: wordsByKey }) }),
  }),
  status: z
    .object({
      observedGeneration: z.int().default(0),
      desiredNumberScheduled: z.int().default(0),
      numberReady: z.int().default(0),
      updatedNumberScheduled: z.int().default(0),
    })
    .default({
      observedGeneration: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
      updatedNumberScheduled: 0,
    }),
});

export const daemonSetSchema: z.ZodType<DaemonSetFacts> = daemonSetObjectSchema.transform(
  ({ metadata, spec, status }) => {
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
  },
);

/** helm writes on what it makes which release made it; a release of another namespace is none of this one. */
function releaseOf({
  namespace,
  labels,
  annotations,
}: z.output<typeof daemonSetObjectSchema>["metadata"]): string | undefined {
  const name = annotations?.["meta.helm.sh/release-name"];
  if (name === undefined) return releaseByLabels(labels ?? {});
  const home = annotations?.["meta.helm.sh/release-namespace"] ?? namespace;
  return home === namespace ? name : undefined;
}

export const configMapSchema: z.ZodType<Readonly<Record<string, string>>> = z
  .object({ kind: z.literal("ConfigMap"), data: stringsByKey })
  .transform(({ data }) => data);

/** An event, and how new it is. */
export interface ReportedEvent {
  readonly resourceVersion: string;
  readonly event: EventFacts;
}

export const eventSchema: z.ZodType<ReportedEvent> = z
  .object({
    metadata: z.object({ namespace: words, resourceVersion: z.string() }),
    involvedObject: z.object({ kind: words.default(""), name: words.default("") }),
    reason: words.default(""),
    message: words.default(""),
  })
  .transform(({ metadata, involvedObject, reason, message }) => ({
    resourceVersion: metadata.resourceVersion,
    event: { namespace: metadata.namespace, ...involvedObject, reason, message },
  }));
