import { toldIssue } from "../common/json-fault.ts";
import { type ReleaseId, releaseId, type Service, type Tree } from "../common/release.ts";
import * as z from "../common/zod.ts";
import type { InventoryOutline } from "./inventory-fault.ts";
import {
  inventorySchema,
  listedReleaseSchema,
  listedServiceSchema,
  neededSchema,
  serviceNameSchema,
  treeOf,
  unreadableSchema,
} from "./inventory-schema.ts";
import { sortedBy } from "./sorted-by.ts";

const { name, namespace, chart, kubeconfig, kubeContext, helm, atomic, timeout } = listedReleaseSchema.shape;

const releaseSchema = z
  .strictObject({
    id: z.string(),
    service: serviceNameSchema,
    ...{ namespace, name, chart },
    installed: z.boolean(),
    labels: z.record(z.string(), z.string()),
    needs: z.array(neededSchema),
    ...{ kubeconfig, kubeContext, helm, atomic, timeout },
  })
  .check(
    z.refine(({ id, namespace, name }) => id === releaseId(namespace, name), {
      path: ["id"],
      message: "namespace/name, as its other keys have them",
    }),
  );

const serviceSchema = z
  .strictObject({
    name: serviceNameSchema,
    helmfile: listedServiceSchema.shape.helmfile,
    releases: z.array(releaseSchema),
  })
  .check(({ value: { name, releases }, issues }) => {
    for (const [index, { service }] of releases.entries()) {
      if (service === name) continue;
      const path = ["releases", index, "service"];
      issues.push({ code: "custom", input: service, path, message: `the name of its service, ${name}` });
    }
  });

/** A `Tree`, as the hooks of a plugin get it in process. */
const plainTreeSchema = z.pipe(
  z
    .strictObject({
      environment: inventorySchema.shape.environment,
      services: z.array(serviceSchema),
      absent: z.array(serviceNameSchema),
      unreadable: z.array(unreadableSchema),
    })
    .check(({ value: { services, absent, unreadable }, issues }) => {
      const listed = services.map(({ name: service, releases }) => ({ service, releases }));
      issues.push(...namedTwice({ services: listed, absent, errors: unreadable }, plainKeys));
    }),
  z.transform(
    ({ environment, services, absent, unreadable }): Tree => ({
      environment,
      services: sortedBy(services, ({ name }) => name).map(toService),
      absent: absent.toSorted(),
      unreadable: sortedBy(unreadable, ({ service }) => service),
    }),
  ),
);

const writtenTreeSchema = z.pipe(
  inventorySchema.check(({ value, issues }) => {
    issues.push(...namedTwice(value, inventoryKeys));
  }),
  z.transform(treeOf),
);

const treeForms = [plainTreeSchema, writtenTreeSchema] as const;

/** Only the form that is meant is tried: in the other one every service of a sound tree would be at fault. */
const MeantForm = z.$constructor<z.ZodMiniUnion<typeof treeForms>>("MeantForm", (inst, def) => {
  z.ZodMiniUnion.init(inst, def);
  inst._zod.parse = (payload, context) => {
    const { value } = payload;
    const isWritten = typeof value === "object" && value !== null && Object.hasOwn(value, "version");
    return (isWritten ? writtenTreeSchema : plainTreeSchema)._zod.run(payload, context);
  };
});

/** A tree that another program hands over: a `Tree`, or an inventory, which has a `version`. */
export const treeSchema = new MeantForm({ type: "union", options: treeForms });

const plainKeys = { service: "name", errors: "unreadable" } as const;
const inventoryKeys = { service: "service", errors: "errors" } as const;

/** Services that are named twice, and releases. One without a namespace is unique only within its service. */
function namedTwice(
  { services, absent, errors }: InventoryOutline,
  keys: typeof plainKeys | typeof inventoryKeys,
): z.core.$ZodRawIssue[] {
  const ofServices = [
    ...services.map(({ service }, at) => ({ name: service, path: ["services", at, keys.service] })),
    ...absent.map((service, at) => ({ name: service, path: ["absent", at] })),
    ...errors.map(({ service }, at) => ({ name: service, path: [keys.errors, at, "service"] })),
  ];
  const ofReleases = services.flatMap(({ service, releases }, at) =>
    releases.map(({ namespace: where, name: release }, index) => ({
      name: where === "" ? `${releaseId(where, release)} of ${service}` : releaseId(where, release),
      path: ["services", at, "releases", index, "name"],
    })),
  );
  return [
    ...repeated(ofServices, (one) => `the service ${one} is named twice, and can be only one`),
    ...repeated(ofReleases, (one) => `the release ${one} is listed twice`),
  ];
}

function repeated(
  mentions: readonly { readonly name: string; readonly path: (string | number)[] }[],
  message: (name: string) => string,
): z.core.$ZodRawIssue[] {
  const seen = new Set<string>();
  return mentions.flatMap(({ name: one, path }) => {
    if (seen.has(one)) return [toldIssue(message(one), path)];
    seen.add(one);
    return [];
  });
}

function toService({ name, helmfile, releases }: z.output<typeof serviceSchema>): Service {
  return {
    name,
    helmfile,
    releases: releases.map(({ id: _, needs, ...release }) => ({
      ...release,
      id: releaseId(release.namespace, release.name),
      needs: needs.map(toReleaseId),
    })),
  };
}

function toReleaseId(text: string): ReleaseId {
  const slash = text.indexOf("/");
  return releaseId(text.slice(0, slash), text.slice(slash + 1));
}
