import * as z from "zod";

const configMapReference = z.object({ name: z.string(), optional: z.boolean().optional() });

const containerSchema = z.object({
  name: z.string(),
  image: z.string(),
  env: z.array(z.object({ name: z.string(), value: z.string().optional() })).default([]),
  envFrom: z.array(z.object({ configMapRef: configMapReference.optional() })).default([]),
  volumeMounts: z.array(z.object({ name: z.string() })).default([]),
});

const podSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    uid: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
  }),
  spec: z.object({
    nodeName: z.string().optional(),
    containers: z.array(containerSchema),
    volumes: z.array(z.object({ name: z.string(), configMap: configMapReference.optional() })).default([]),
  }),
});

export const podListSchema = z.object({ items: z.array(podSchema) });

/** What the stand-in kubelet reads of a pod. */
export type Pod = z.output<typeof podSchema>;
export type Container = Pod["spec"]["containers"][number];

/** The ConfigMaps that a container reads, mounted or as environment. */
export function configMapsOf(pod: Pod, container: Container): { name: string; optional: boolean }[] {
  const mounted = pod.spec.volumes
    .filter((volume) => container.volumeMounts.some((mount) => mount.name === volume.name))
    .flatMap((volume) => volume.configMap ?? []);
  const environment = container.envFrom.flatMap((source) => source.configMapRef ?? []);
  return [...mounted, ...environment].map(({ name, optional = false }) => ({ name, optional }));
}
