import type { Diagnostic, Place } from "../common/diagnostic.ts";
import { didYouMean, nearest } from "../common/nearest.ts";
import * as z from "../common/zod.ts";
import { describeNode, plainOf, textOf, unreadable, type YamlNode } from "../yaml/yaml-tree.ts";
import { allowedWords, registryFileSchema } from "./registry-schema.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What the schema finds wrong with a registry: keys that are unknown or missing, and values of the wrong kind. */
export function schemaFaults(root: YamlNode): Diagnostic[] {
  const parsed = z.safeParse(registryFileSchema, plainOf(root));
  if (parsed.success) return [];
  const issues = parsed.error.issues.flatMap(deepestIssues);
  const mistyped = new Set(issues.flatMap(probableKeys));
  return issues
    .filter(({ path }) => !isReported(locate(root, path).node, mistyped.has(pathText(path))))
    .flatMap((issue) =>
      issue.code === "unrecognized_keys" ? unknownKeys(root, issue) : [wrongValue(root, issue)],
    );
}

/**
 * Of a union only those members tell something that take the kind of value that is there: for a list, the member
 * that is a list says which element is wrong. Where none or several do, the union as a whole is what was expected.
 */
function deepestIssues(issue: Issue): Issue[] {
  if (issue.code !== "invalid_union") return [issue];
  const telling = issue.errors.filter((issues) => !issues.some(isWrongKind));
  const [only, another] = telling;
  if (only === undefined || another !== undefined) return [issue];
  return only.flatMap((inner) => deepestIssues({ ...inner, path: [...issue.path, ...inner.path] }));
}

function isWrongKind({ code, path }: Issue): boolean {
  return (
    path.length === 0 && (code === "invalid_type" || code === "invalid_value" || code === "invalid_union")
  );
}

/** What has a fault already: a value that could not be read, and a key that is there with a typo. */
function isReported(node: YamlNode | undefined, isMistyped: boolean): boolean {
  return node === undefined ? isMistyped : node.kind === "scalar" && node.value === unreadable;
}

/** The keys that unknown keys were probably meant to be: it would confuse to report these as missing too. */
function probableKeys(issue: Issue): string[] {
  if (issue.code !== "unrecognized_keys") return [];
  const known = allowedWords(issue.message);
  const meant = issue.keys.map((key) => nearest(key, known)).filter((key) => key !== undefined);
  return meant.map((key) => pathText([...issue.path, key]));
}

function unknownKeys(root: YamlNode, issue: Issue & { readonly code: "unrecognized_keys" }): Diagnostic[] {
  const { node, place } = locate(root, issue.path);
  return issue.keys.map((key) => ({
    severity: "error",
    code: "unknown-key",
    message: `unknown key ${JSON.stringify(key)}${issue.path.length === 0 ? "" : ` in ${pathText(issue.path)}`}`,
    place: (node?.kind === "map" ? node.entries.get(key)?.keyPlace : undefined) ?? place,
    expected: issue.message,
    ...didYouMean(key, allowedWords(issue.message)),
  }));
}

function wrongValue(root: YamlNode, { path, message: expected }: Issue): Diagnostic {
  const { node, place } = locate(root, path);
  if (!node) {
    const parent = path.slice(0, -1);
    const of = parent.length === 0 ? "the registry" : pathText(parent);
    const message = `${of} has no key ${JSON.stringify(String(path.at(-1)))}`;
    return { severity: "error", code: "missing-key", message, place, expected };
  }
  return {
    severity: "error",
    code: "wrong-value",
    message: `${path.length === 0 ? "the registry" : pathText(path)} is ${describeNode(node)}`,
    place,
    expected,
    ...valueRemedy(textOf(node), expected),
  };
}

function valueRemedy(value: string | undefined, expected: string): { readonly remedy?: string } {
  if (value === undefined) return {};
  // The most frequent slip of all: one name where a list is wanted.
  if (expected.includes("for example [") && /^[\w./-]+$/.test(value))
    return { remedy: `write it as a list: [${value}]` };
  return didYouMean(value, allowedWords(expected));
}

/** The value at a path; where there is none, the place of what should hold it: its key or its first entry. */
function locate(root: YamlNode, path: Path): { readonly node?: YamlNode; readonly place: Place } {
  let node = root;
  let holder = firstEntry(root);
  for (const step of path) {
    const entry = node.kind === "map" ? node.entries.get(String(step)) : undefined;
    const next = entry?.node ?? (node.kind === "list" ? node.items[Number(step)] : undefined);
    if (!next) return { place: holder };
    holder = entry?.keyPlace ?? firstEntry(next);
    node = next;
  }
  return { node, place: node.place };
}

function firstEntry(node: YamlNode): Place {
  const [first] = node.kind === "map" ? node.entries.values() : [];
  return first?.keyPlace ?? node.place;
}

/** A path as people write it: `namespaces.mw-web.support[0]`. */
function pathText(path: Path): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${keyText(String(step))}`));
  return steps.join("").replace(/^\./, "");
}

function keyText(key: string): string {
  return /^[\w./*-]+$/.test(key) ? key : JSON.stringify(key);
}
