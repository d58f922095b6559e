import * as z from "zod";
import type { Diagnostic } from "./diagnostic.ts";
import { hasControlCharacters, isFilePath, isHelmfilePath } from "./file-path.ts";
import { inventoryConflicts, inventoryFaults, type KnownKeys } from "./inventory-fault.ts";
import { locateJson } from "./json-place.ts";
import { parsedOnce } from "./parsed-once.ts";
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
} from "./release.ts";
import { fail, ok, type Result } from "./result.ts";

const serviceName = z
  .string()
  .refine(
    isServiceName,
    "a service's name is a relative path of letters, digits, dots, dashes and underscores",
  );
const filePath = z
  .string()
  .refine(isFilePath, "a path without control characters that does not begin with a dash");

const releaseSchema = z.strictObject({
  name: z
    .string()
    .refine(isReleaseName, "a release's name is at most 53 lower-case letters, digits, dots and dashes"),
  namespace: z
    .string()
    .refine(
      (text) => text === "" || isNamespaceName(text),
      "a namespace is at most 63 lower-case letters, digits and dashes, or empty",
    ),
  enabled: z.boolean().default(true),
  installed: z.boolean().default(true),
  labels: z.union([z.string(), z.record(z.string(), z.string())]).default(""),
  chart: z.string().refine((text) => !hasControlCharacters(text), "a chart without control characters"),
  version: z.string().exactOptional(),
  needs: z
    .array(z.string().refine((text) => needed(text) !== undefined, "namespace/name of a release"))
    .exactOptional(),
  kubeconfig: filePath.exactOptional(),
  kubeContext: z
    .string()
    .min(1)
    .refine((text) => !hasControlCharacters(text), "a context without control characters")
    .exactOptional(),
  helm: z
    .string()
    .refine(isHelmProgram, "the name or path of a program that is called helm, helm3 and the like")
    .exactOptional(),
  atomic: z.boolean().exactOptional(),
  timeout: z.number().int().min(0).exactOptional(),
});

const serviceSchema = z.strictObject({
  service: serviceName,
  helmfile: z
    .string()
    .refine(isHelmfilePath, "a path, absolute or below the services directory, without control characters"),
  releases: z.array(releaseSchema),
});

const errorSchema = z.strictObject({
  // Also what is no name of a service: that may be why it could not be read.
  service: z
    .string()
    .min(1)
    .refine((text) => !hasControlCharacters(text), "a name without control characters"),
  exitCode: z.number().int().exactOptional(),
  message: z.string(),
});

const inventorySchema = z.strictObject({
  version: z.literal(1),
  environment: z
    .string()
    .refine(
      isEnvironmentName,
      "an environment's name is at most 63 letters, digits, dots, dashes and underscores",
    ),
  services: z.array(serviceSchema),
  absent: z.array(serviceName).default([]),
  errors: z.array(errorSchema).default([]),
});

/** The keys that are known, by the list that holds the object. */
const knownKeys: KnownKeys = new Map([
  ["", Object.keys(inventorySchema.shape)],
  ["services", Object.keys(serviceSchema.shape)],
  ["releases", Object.keys(releaseSchema.shape)],
  ["errors", Object.keys(errorSchema.shape)],
]);

type Inventory = z.infer<typeof inventorySchema>;
type InventoryRelease = Inventory["services"][number]["releases"][number];

/**
 * Reads an inventory: the tree of one environment, written down.
 *
 * @returns the tree, its services sorted by name, or every fault of the file. Never throws.
 *
 * @example
 * const tree = parseInventory({ file: "eqiad.json", text });
 * if (!tree.ok) throw new Error(renderDiagnostics(tree.failure));
 */
export function parseInventory({
  file,
  text,
}: {
  /** How places in it are to be named. */
  readonly file: string;
  readonly text: string;
}): Result<Tree, readonly Diagnostic[]> {
  const source = { file, text: text.replace(/^\uFEFF/, "") };
  const json = parseJson(source);
  if (!json.ok) return json;
  const parsed = inventorySchema.safeParse(json.value, parsedOnce);
  if (!parsed.success)
    return fail(inventoryFaults({ ...source, value: json.value, issues: parsed.error.issues, knownKeys }));
  const conflicts = inventoryConflicts(parsed.data);
  if (conflicts.length > 0) {
    const places = locateJson(source);
    return fail(conflicts.map((conflict) => conflict(places)));
  }
  return ok(treeOf(parsed.data));
}

/** Writes a tree down as an inventory that {@link parseInventory} reads back as the same tree. */
export function renderInventory(tree: Tree): string {
  const inventory = {
    version: 1,
    environment: tree.environment,
    services: sortedBy(tree.services, ({ name }) => name).map(({ name, helmfile, releases }) => ({
      service: name,
      helmfile,
      releases: releases.map(listedRelease),
    })),
    absent: [...tree.absent].sort(),
    errors: sortedBy(tree.unreadable, ({ service }) => service).map(({ service, exitCode, message }) => ({
      service,
      ...(exitCode !== undefined && { exitCode }),
      message,
    })),
  };
  return `${JSON.stringify(inventory, null, 2)}\n`;
}

function parseJson({ file, text }: { file: string; text: string }): Result<unknown, readonly Diagnostic[]> {
  try {
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch (error) {
    const { fault } = locateJson({ file, text });
    const isCut = fault?.isEnd ?? false;
    const message = isCut ? "the file ends in the middle: it is cut off, or empty" : "this is not JSON";
    const { expected, place } = fault ?? { expected: String(error), place: undefined };
    return fail([{ severity: "error", code: "invalid-json", message, ...(place && { place }), expected }]);
  }
}

function treeOf({ environment, services, absent, errors }: Inventory): Tree {
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

/** As `helmfile list --output json` prints it; what that does not know follows, where it is known. */
function listedRelease(release: Release): object {
  const { namespace, name, chart, installed, labels, needs, kubeconfig, kubeContext, helm, atomic, timeout } =
    release;
  return {
    name,
    namespace,
    enabled: true,
    installed,
    labels: renderLabels(labels),
    chart,
    version: "",
    ...(needs.length > 0 && { needs }),
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(kubeContext !== undefined && { kubeContext }),
    ...(helm !== undefined && { helm }),
    ...(atomic !== undefined && { atomic }),
    ...(timeout !== undefined && { timeout }),
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

/** As helmfile prints them, or an object where that would be read back as other labels. */
function renderLabels(labels: Readonly<Record<string, string>>): string | Record<string, string> {
  const entries = sortedBy(Object.entries(labels), ([key]) => key);
  const plain = entries.every(([key, value]) => !/[:,]/.test(key) && !value.includes(","));
  return plain ? entries.map(([key, value]) => `${key}:${value}`).join(",") : Object.fromEntries(entries);
}

function needed(text: string): ReleaseId | undefined {
  const [namespace, name, ...more] = text.split("/");
  if (namespace === undefined || name === undefined || more.length > 0) return undefined;
  if ((namespace !== "" && !isNamespaceName(namespace)) || !isReleaseName(name)) return undefined;
  return releaseId(namespace, name);
}

/** By code units: the same order on every machine. */
function sortedBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[] {
  return [...items].sort((one, other) => compare(key(one), key(other)));
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
