import type { ManifestDocument } from "./manifest-documents.ts";
import { childOf, descendantOf, itemsOf, type ManifestNode, scalarOf, wordOf } from "./manifest-tree.ts";
import { mountedConfigMaps } from "./mounted-config-maps.ts";
import { type ObjectReference, objectReferencesOf } from "./object-references.ts";
import { type RenderedText, renderedText } from "./rendered-text.ts";
import { mayMention } from "./variable-mention.ts";

export interface ContainerText extends RenderedText {
  /** How many of the container's variables are set before this one, and can be used in it. */
  readonly setBefore: number;
}

export interface ContainerTemplate {
  readonly name: string;
  /** Values of variables, and what is run in it, as far as they may mention variables of Services. */
  readonly texts: readonly ContainerText[];
  /** Those that it sets itself, in order. */
  readonly variables: readonly string[];
  /** ConfigMaps and Secrets all of whose keys are variables of its own. */
  readonly envFrom: readonly {
    readonly kind: "config-map" | "secret";
    readonly name: string;
    readonly prefix: string;
  }[];
  /** ConfigMaps whose text it reads; absent `keys`: all of them. */
  readonly reads: readonly { readonly name: string; readonly keys?: readonly string[] }[];
}

/** The part of a workload that says what its pods are, whatever kind of workload that is. */
export interface PodTemplate {
  readonly serviceLinks: boolean;
  readonly containers: readonly ContainerTemplate[];
  /** Each with its line as it is written. */
  readonly references: readonly (ObjectReference & { readonly written: string })[];
}

/** Finds every pod template of an object: a pod's own `spec`, or one anywhere below. What has containers is one. */
export function podTemplatesOf(root: ManifestNode, document: ManifestDocument): PodTemplate[] {
  const found: PodTemplate[] = [];
  const search = (node: ManifestNode): void => {
    if (node.kind === "scalar") return;
    if (isPodSpec(node)) found.push(readPodSpec(node, document));
    else for (const child of node.kind === "map" ? node.values : node.items) search(child);
  };
  search(root);
  return found;
}

function isPodSpec(node: ManifestNode): boolean {
  const containers = itemsOf(childOf(node, "containers"));
  return (
    containers.length > 0 && containers.every((one) => one.kind === "map" && wordOf(childOf(one, "name")))
  );
}

function readPodSpec(spec: ManifestNode, document: ManifestDocument): PodTemplate {
  const nodes = ["initContainers", "containers", "ephemeralContainers"].flatMap((key) =>
    itemsOf(childOf(spec, key)),
  );
  const volumes = itemsOf(childOf(spec, "volumes"));
  return {
    serviceLinks: scalarOf(childOf(spec, "enableServiceLinks")) !== false,
    containers: nodes.map((node) => readContainer(node, volumes, document)),
    references: objectReferencesOf(spec, nodes).map((one) => ({
      ...one,
      written: document.lineText(one.line),
    })),
  };
}

function readContainer(
  container: ManifestNode,
  volumes: readonly ManifestNode[],
  document: ManifestDocument,
): ContainerTemplate {
  const env = itemsOf(childOf(container, "env"));
  const texts: ContainerText[] = [];
  const addText = (node: ManifestNode | undefined, setBefore: number): void => {
    if (!mayMention(wordOf(node) ?? "")) return;
    const found = renderedText(node, document);
    if (found) texts.push({ ...found, text: withoutEscapes(found.text), setBefore });
  };
  env.forEach((node, at) => {
    addText(childOf(node, "value"), at);
  });
  for (const node of wordsRunIn(container)) addText(node, env.length);
  return {
    name: wordOf(childOf(container, "name")) ?? "",
    texts,
    variables: env.map((node) => wordOf(childOf(node, "name")) ?? ""),
    envFrom: itemsOf(childOf(container, "envFrom")).flatMap(environmentSource),
    reads: readsOf(container, env, volumes),
  };
}

/** Its command, and those that kubelet runs in it, which have the same variables. */
function wordsRunIn(container: ManifestNode): readonly ManifestNode[] {
  return pathsOfRuns.flatMap((path) => itemsOf(descendantOf(container, ...path)));
}

const pathsOfRuns: readonly (readonly string[])[] = [
  ["command"],
  ["args"],
  ...["livenessProbe", "readinessProbe", "startupProbe"].map((probe) => [probe, "exec", "command"]),
  ...["postStart", "preStop"].map((hook) => ["lifecycle", hook, "exec", "command"]),
];

/** `$$(FOO)` stands for the text `$(FOO)`. */
function withoutEscapes(text: string): string {
  return text.replaceAll(/\$\$\([\w.-]*\)/g, "");
}

function environmentSource(node: ManifestNode): ContainerTemplate["envFrom"] {
  const prefix = wordOf(childOf(node, "prefix")) ?? "";
  const named = (kind: "config-map" | "secret", source: ManifestNode | undefined) => {
    const name = wordOf(childOf(source, "name"));
    return name === undefined ? [] : [{ kind, name, prefix }];
  };
  return [
    ...named("config-map", childOf(node, "configMapRef")),
    ...named("secret", childOf(node, "secretRef")),
  ];
}

function readsOf(
  container: ManifestNode,
  env: readonly ManifestNode[],
  volumes: readonly ManifestNode[],
): ContainerTemplate["reads"] {
  const taken = itemsOf(childOf(container, "envFrom")).flatMap((node) => {
    const name = wordOf(descendantOf(node, "configMapRef", "name"));
    return name === undefined ? [] : [{ name }];
  });
  const single: { name: string; keys: string[] }[] = [];
  for (const node of env) {
    const source = descendantOf(node, "valueFrom", "configMapKeyRef");
    const [name, key] = [wordOf(childOf(source, "name")), wordOf(childOf(source, "key"))];
    if (name !== undefined && key !== undefined) single.push({ name, keys: [key] });
  }
  return [...mountedConfigMaps(container, volumes), ...taken, ...single];
}
