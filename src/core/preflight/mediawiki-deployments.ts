import { type Diagnostic, inOrder, type Place } from "../common/diagnostic.ts";
import { nearest } from "../common/nearest.ts";
import type { SourceText } from "../common/places.ts";
import { isEnvironmentName, isNamespaceName, isReleaseName } from "../common/release.ts";
import { fail, ok, type Result } from "../common/result.ts";
import { firstOf } from "../common/words.ts";
import { invalidName, namespaceNames, releaseNames } from "../registry/registry-texts.ts";
import { parseYamlTree } from "../yaml/yaml-reader.ts";
import {
  childOf,
  describeNode,
  entriesOf,
  itemsOf,
  textOf,
  unreadable,
  type YamlEntry,
  type YamlNode,
} from "../yaml/yaml-tree.ts";

/** What scap deploys in one environment, by its own list. Each release is in one of the two, and once. */
export interface Deployments {
  readonly targets: readonly Deployment[];
  /** Those that scap leaves alone here, and why. */
  readonly skipped: readonly (Deployment & { readonly reason: string })[];
}

interface Deployment {
  readonly namespace: string;
  readonly release: string;
}

/**
 * Reads scap's deployments file (YAML, of which JSON is a part): a list of items, or a map that has one under
 * `deployment_targets`. Keys that say nothing about what is deployed where are scap's own, and are ignored.
 *
 * @returns what is deployed in the environment, or every fault of the file. Never throws.
 */
export function parseDeployments(
  source: SourceText,
  environment: string,
): Result<Deployments, readonly Diagnostic[]> {
  const { root, faults } = parseYamlTree(source);
  const found = [...faults];
  const report: Report = (fault) => found.push({ severity: "error", ...fault });
  const read = root ? readItems(root, report).flatMap((item) => readItem(item, environment, report)) : [];
  if (found.length > 0) return fail(inOrder(found));
  const targets = once(read.filter(({ reason }) => reason === undefined));
  // All releases of an item have the one list.
  const clusters = new Set([...new Set(read.map((one) => one.clusters ?? []))].flat());
  // A typo in the environment would else be ready, as there is nothing to wait for.
  if (root && targets.length === 0 && clusters.size > 0)
    return fail([nothingHere(environment, [...clusters].sort(), root.place)]);
  const deployed = new Set(targets.map(idOf));
  const skipped = once(read.filter((one) => !deployed.has(idOf(one))));
  return ok({
    targets: targets.map(({ namespace, release }) => ({ namespace, release })),
    skipped: skipped.map(({ namespace, release, reason = "" }) => ({ namespace, release, reason })),
  });
}

type Report = (fault: Omit<Diagnostic, "severity">) => void;

/** One that is deployed has no reason. */
type ReadDeployment = Deployment & {
  readonly reason?: string;
  /** Set where it is for these environments only, and not for the one that is asked about. */
  readonly clusters?: readonly string[];
};

function nothingHere(environment: string, clusters: readonly string[], place: Place): Diagnostic {
  const guess = nearest(environment, clusters);
  return {
    severity: "error",
    code: "nothing-here",
    message: `nothing of it is deployed in ${environment}`,
    place,
    expected: `one of the environments that it names: ${firstOf(clusters, 20)}`,
    remedy: guess === undefined ? "check the environment and the file" : `did you mean -e ${guess}?`,
  };
}

function readItems(root: YamlNode, report: Report): readonly YamlNode[] {
  const list = root.kind === "map" ? childOf(root, "deployment_targets") : root;
  if (list?.kind === "list") return itemsOf(list);
  const fault = {
    expected:
      'a list of items with "namespace" and "releases", or a map that has one under "deployment_targets"',
    remedy: "check that this is the file that scap reads its Kubernetes deployments from",
  };
  if (!list) {
    const place = entriesOf(root)[0]?.keyPlace ?? root.place;
    const message = 'there is no key "deployment_targets"';
    report({ ...fault, code: "missing-key", message, place });
  } else if (!isReported(list)) {
    const what = list === root ? "the file" : "deployment_targets";
    report({ ...fault, code: "wrong-value", message: `${what} is ${describeNode(list)}`, place: list.place });
  }
  return [];
}

function readItem(item: YamlNode, environment: string, report: Report): ReadDeployment[] {
  if (item.kind !== "map") {
    wrongValue(item, { what: "this item", expected: 'a map with "namespace" and "releases"' }, report);
    return [];
  }
  const namespace = readNamespace(item, report);
  const clusters = readClusters(childOf(item, "clusters"), report);
  const releases = requiredKey(item, { key: "releases", expected: releasesExpected }, report);
  if (releases && releases.kind !== "map")
    wrongValue(releases, { what: "releases", expected: releasesExpected }, report);
  const elsewhere =
    clusters === undefined || clusters.includes(environment)
      ? undefined
      : { clusters, reason: `its clusters are ${firstOf(clusters, 8) || "none"}, not ${environment}` };
  return entriesOf(releases).flatMap((entry) => {
    const deploys = readDeploys(entry, report);
    const name = { text: entry.key, place: entry.keyPlace };
    if (!isReleaseName(entry.key)) report(invalidName(name, "release", releaseNames));
    if (namespace === undefined) return [];
    const one = { namespace, release: entry.key };
    if (elsewhere) return [{ ...one, ...elsewhere }];
    return [deploys ? one : { ...one, reason: "it says deploy: false" }];
  });
}

const releasesExpected =
  "a map with the name of each release, for example { main: {}, canary: { stage: canaries } }";

function readNamespace(item: YamlNode, report: Report): string | undefined {
  const node = requiredKey(item, { key: "namespace", expected: namespaceNames }, report);
  const text = textOf(node);
  if (node && text === undefined) wrongValue(node, { what: "namespace", expected: namespaceNames }, report);
  if (node && text !== undefined && !isNamespaceName(text)) {
    report(invalidName({ text, place: node.place }, "namespace", namespaceNames));
  }
  return text;
}

/** Undefined where scap takes its own default, which is every environment that it knows. */
function readClusters(node: YamlNode | undefined, report: Report): readonly string[] | undefined {
  if (!node) return undefined;
  const expected = "a list of environments, for example [eqiad, codfw]";
  if (node.kind !== "list") {
    const text = textOf(node);
    const remedy = text === undefined ? {} : { remedy: `write it as a list: [${text}]` };
    wrongValue(node, { what: "clusters", expected, ...remedy }, report);
    return undefined;
  }
  return itemsOf(node).map((item) => {
    const text = textOf(item);
    if (text === undefined || !isEnvironmentName(text)) {
      wrongValue(item, { what: "this cluster", expected: "the name of an environment" }, report);
    }
    return text ?? "";
  });
}

function readDeploys({ key, node }: YamlEntry, report: Report): boolean {
  if (node.kind !== "map") {
    const isEmpty = node.kind === "scalar" && node.value === null;
    if (!isEmpty)
      wrongValue(
        node,
        { what: `the release ${key}`, expected: "a map, for example { stage: canaries }, or {}" },
        report,
      );
    return true;
  }
  const deploy = childOf(node, "deploy");
  if (!deploy) return true;
  if (deploy.kind === "scalar" && typeof deploy.value === "boolean") return deploy.value;
  // YAML 1.1, which scap reads, takes some words for true or false that are texts here: never guess which was meant.
  wrongValue(deploy, { what: "deploy", expected: "true or false", remedy: "write true or false" }, report);
  return true;
}

function requiredKey(
  item: YamlNode,
  { key, expected }: { readonly key: string; readonly expected: string },
  report: Report,
): YamlNode | undefined {
  const node = childOf(item, key);
  if (node) return node;
  const place = entriesOf(item)[0]?.keyPlace ?? item.place;
  report({
    code: "missing-key",
    message: `this item has no key "${key}"`,
    place,
    expected,
    remedy: `add "${key}"`,
  });
  return undefined;
}

function wrongValue(
  node: YamlNode,
  { what, ...rest }: { readonly what: string; readonly expected: string; readonly remedy?: string },
  report: Report,
): void {
  if (isReported(node)) return;
  const fault = { code: "wrong-value", message: `${what} is ${describeNode(node)}`, place: node.place };
  report({ ...fault, ...rest });
}

/** A value that could not be read has its own fault. */
function isReported(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === unreadable;
}

function idOf({ namespace, release }: Deployment): string {
  return `${namespace}/${release}`;
}

/** The first of each. */
function once(deployments: readonly ReadDeployment[]): ReadDeployment[] {
  const first = new Map<string, ReadDeployment>();
  for (const one of deployments) if (!first.has(idOf(one))) first.set(idOf(one), one);
  return [...first.values()];
}
