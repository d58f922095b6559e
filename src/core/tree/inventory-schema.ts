import { hasControlCharacters, isFilePath, isHelmfilePath } from "../common/file-path.ts";
import {
  isEnvironmentName,
  isHelmProgram,
  isNamespaceName,
  isReleaseName,
  isServiceName,
  type Release,
  type ReleaseId,
  releaseId,
  type Tree,
} from "../common/release.ts";
import { textThat } from "../common/text-schema.ts";
import * as z from "../common/zod.ts";
import type { KnownKeys } from "./inventory-fault.ts";
import { sortedBy } from "./sorted-by.ts";

/** The path of a service's directory. */
export const serviceNameSchema = textThat(
  isServiceName,
  "a service's name is a relative path of letters, digits, dots, dashes and underscores",
);
/** The id of a release that must be there first. */
export const neededSchema = textThat((text) => needed(text) !== undefined, "namespace/name of a release");
const filePath = textThat(isFilePath, "a path without control characters that does not begin with a dash");

/** A release as `helmfile list --output json` prints it; what that does not know follows. */
export const listedReleaseSchema = z.strictObject({
  name: textThat(isReleaseName, "a release's name is at most 53 lower-case letters, digits, dots and dashes"),
  namespace: textThat(
    (text) => text === "" || isNamespaceName(text),
    "a namespace is at most 63 lower-case letters, digits and dashes, or empty",
  ),
  enabled: z._default(z.boolean(), true),
  installed: z._default(z.boolean(), true),
  labels: z._default(z.union([z.string(), z.record(z.string(), z.string())]), ""),
  chart: textThat((text) => !hasControlCharacters(text), "a chart without control characters"),
  version: z.exactOptional(z.string()),
  needs: z.exactOptional(z.array(neededSchema)),
  kubeconfig: z.exactOptional(filePath),
  kubeContext: z.exactOptional(
    z.string().check(
      z.minLength(1),
      z.refine((text) => !hasControlCharacters(text), "a context without control characters"),
    ),
  ),
  helm: z.exactOptional(
    textThat(isHelmProgram, "the name or path of a program that is called helm, helm3 and the like"),
  ),
  atomic: z.exactOptional(z.boolean()),
  timeout: z.exactOptional(z.int().check(z.minimum(0))),
});

/** A service and what helmfile lists of it. */
export const listedServiceSchema = z.strictObject({
  service: serviceNameSchema,
  helmfile: textThat(
    isHelmfilePath,
    "a path, absolute or below the services directory, without control characters",
  ),
  releases: z.array(listedReleaseSchema),
});

/** A service that could not be read. */
export const unreadableSchema = z.strictObject({
  // Also what is no name of a service: that may be why it could not be read.
  service: z.string().check(
    z.minLength(1),
    z.refine((text) => !hasControlCharacters(text), "a name without control characters"),
  ),
  exitCode: z.exactOptional(z.int()),
  message: z.string(),
});

/** A whole inventory. That nothing is named twice is checked elsewhere. */
export const inventorySchema = z.strictObject({
  version: z.literal(1),
  environment: textThat(
    isEnvironmentName,
    "an environment's name is at most 63 letters, digits, dots, dashes and underscores",
  ),
  services: z.array(listedServiceSchema),
  absent: z._default(z.array(serviceNameSchema), []),
  errors: z._default(z.array(unreadableSchema), []),
});

/** The keys that are known, by the list that holds the object. */
export const knownKeys: KnownKeys = new Map([
  ["", Object.keys(inventorySchema.shape)],
  ["services", Object.keys(listedServiceSchema.shape)],
  ["releases", Object.keys(listedReleaseSchema.shape)],
  ["errors", Object.keys(unreadableSchema.shape)],
]);

type Inventory = z.infer<typeof inventorySchema>;
type InventoryRelease = Inventory["services"][number]["releases"][number];

/** The tree that an inventory writes down, its services sorted by name. */
export function treeOf({ environment, services, absent, errors }: Inventory): Tree {
  return {
    environment,
    services: sortedBy(services, ({ service }) => service).map(({ service, helmfile, releases }) => ({
      name: service,
      helmfile,
      releases: releases.map((release) => releaseOf(service, release)),
    })),
    absent: [...absent].sort(),
    unreadable: sortedBy(errors, ({ service }) => service),
  };
}

function releaseOf(service: string, listed: InventoryRelease): Release {
  const { name, namespace, enabled, installed, labels, chart, version: _, needs = [], ...rest } = listed;
  return {
    id: releaseId(namespace, name),
    service,
    namespace,
    name,
    chart,
    installed: enabled && installed,
    labels: typeof labels === "string" ? parseLabels(labels) : labels,
    needs: needs.map(needed).filter((id) => id !== undefined),
    ...rest,
  };
}

/** `chart:apertium,name:production`, as helmfile prints labels. */
function parseLabels(text: string): Record<string, string> {
  if (text === "") return {};
  return Object.fromEntries(
    text.split(",").map((label) => {
      const colon = label.indexOf(":");
      return colon === -1 ? [label, ""] : [label.slice(0, colon), label.slice(colon + 1)];
    }),
  );
}

/** The id of a release that another needs; undefined for what is none. */
function needed(text: string): ReleaseId | undefined {
  const [namespace, name, ...more] = text.split("/");
  if (namespace === undefined || name === undefined || more.length > 0) return undefined;
  if ((namespace !== "" && !isNamespaceName(namespace)) || !isReleaseName(name)) return undefined;
  return releaseId(namespace, name);
}
