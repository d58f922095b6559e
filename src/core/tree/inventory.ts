import type { Diagnostic } from "../common/diagnostic.ts";
import { locateJson } from "../common/json-place.ts";
import { repeatedKey } from "../common/json-repeated.ts";
import type { SourceText } from "../common/places.ts";
import type { Release, Tree } from "../common/release.ts";
import { fail, ok, type Result } from "../common/result.ts";
import { utf16Fault } from "../common/utf16.ts";
import * as z from "../common/zod.ts";
import { inventoryConflicts, inventoryFaults } from "./inventory-fault.ts";
import { inventorySchema, knownKeys, treeOf } from "./inventory-schema.ts";
import { sortedBy } from "./sorted-by.ts";

/**
 * Reads an inventory: the tree of one environment, written down.
 *
 * @returns the tree, its services sorted by name, or every fault of the file. Never throws.
 *
 * @example
 * const tree = parseInventory({ file: "eqiad.json", text });
 * if (!tree.ok) throw new Error(renderDiagnostics(tree.failure));
 */
export function parseInventory({ file, text }: SourceText): Result<Tree, readonly Diagnostic[]> {
  const source = { file, text: text.replace(/^\uFEFF/, "") };
  const json = parseJson(source);
  if (!json.ok) return json;
  const repeated = repeatedKey(source, json.value);
  if (repeated) return fail([repeated]);
  const parsed = z.safeParse(inventorySchema, json.value);
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

function parseJson({ file, text }: SourceText): Result<unknown, readonly Diagnostic[]> {
  try {
    const value: unknown = JSON.parse(text);
    return ok(value);
  } catch (error) {
    const utf16 = utf16Fault({ file, text });
    if (utf16) return fail([utf16]);
    const { fault } = locateJson({ file, text });
    const isCut = fault?.isEnd ?? false;
    const message = isCut ? "the file ends in the middle: it is cut off, or empty" : "this is not JSON";
    const { expected, place } = fault ?? { expected: String(error), place: undefined };
    return fail([{ severity: "error", code: "invalid-json", message, ...(place && { place }), expected }]);
  }
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

/** As helmfile prints them, or an object where that would be read back as other labels. */
function renderLabels(labels: Readonly<Record<string, string>>): string | Record<string, string> {
  const entries = sortedBy(Object.entries(labels), ([key]) => key);
  const plain = entries.every(([key, value]) => !/[:,]/.test(key) && !value.includes(","));
  return plain ? entries.map(([key, value]) => `${key}:${value}`).join(",") : Object.fromEntries(entries);
}
