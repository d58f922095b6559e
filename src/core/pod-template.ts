import type { ManifestDocument } from "./manifest-documents.ts";
import { childOf, itemsOf, type ManifestNode, scalarOf, wordOf } from "./manifest-tree.ts";
import { type RenderedText, renderedText } from "./rendered-text.ts";
import { mayMention } from "./variable-mention.ts";

export type ReferredKind = "ConfigMap" | "Secret" | "PersistentVolumeClaim" | "ServiceAccount";

/** An object that a pod cannot do without, or can if it is `optional`. */
export interface ObjectReference {
  readonly kind: ReferredKind;
  readonly name: string;
  readonly optional: boolean;
  /** Absent where it is the pod's as a whole. */
  readonly container?: string;
  readonly line: number;
  /** The line as it is written. */
  readonly written: string;
}

export interface ContainerText extends RenderedText {
  /** How many of the container's variables are set before this one, and can be used in it. */
  readonly setBefore: number;
}

export interface ContainerTemplate {
  readonly name: string;
  /** Values of variables, command and arguments, as far as they may mention variables of Services. */
  readonly texts: readonly ContainerText[];
  /** Those that it sets itself, in order. */
  readonly variables: readonly string[];
  /** ConfigMaps and Secrets all of whose keys are variables of its own. */
  readonly envFrom: readonly {
    readonly kind: ReferredKind;
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
  readonly references: readonly ObjectReference[];
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
  const nodes = [...itemsOf(childOf(spec, "initContainers")), ...itemsOf(childOf(spec, "containers"))];
  const volumes = itemsOf(childOf(spec, "volumes"));
  return {
    serviceLinks: scalarOf(childOf(spec, "enableServiceLinks")) !== false,
    containers: nodes.map((node) => readContainer(node, volumes, document)),
    references: [
      ...serviceAccount(spec),
      ...itemsOf(childOf(spec, "imagePullSecrets")).flatMap((node) =>
        // Without them an image that anyone may pull is pulled all the same.
        reference("Secret", childOf(node, "name"), { optional: true }),
      ),
      ...volumes.flatMap(volumeReferences),
      ...nodes.flatMap(containerReferences),
    ].map((one) => ({ ...one, written: document.lineText(one.line) })),
  };
}

type Reference = Omit<ObjectReference, "written">;

function serviceAccount(spec: ManifestNode): Reference[] {
  const account = childOf(spec, "serviceAccountName") ?? childOf(spec, "serviceAccount");
  return reference("ServiceAccount", account, {});
}

function volumeReferences(volume: ManifestNode): Reference[] {
  const claim = childOf(volume, "persistentVolumeClaim", "claimName");
  const sources = [volume, ...itemsOf(childOf(volume, "projected", "sources"))];
  return [
    ...reference("PersistentVolumeClaim", claim, {}),
    ...sources.flatMap((source) => {
      const [map, secret] = [childOf(source, "configMap"), childOf(source, "secret")];
      return [
        ...reference("ConfigMap", childOf(map, "name"), { optional: isOptional(map) }),
        ...reference("Secret", childOf(secret, "secretName") ?? childOf(secret, "name"), {
          optional: isOptional(secret),
        }),
      ];
    }),
  ];
}

function containerReferences(container: ManifestNode): Reference[] {
  const name = containerName(container);
  const sources = [
    ...itemsOf(childOf(container, "envFrom")).flatMap((node) => [
      ["ConfigMap", childOf(node, "configMapRef")] as const,
      ["Secret", childOf(node, "secretRef")] as const,
    ]),
    ...itemsOf(childOf(container, "env")).flatMap((node) => {
      const from = childOf(node, "valueFrom");
      if (from === undefined) return [];
      return [
        ["ConfigMap", childOf(from, "configMapKeyRef")] as const,
        ["Secret", childOf(from, "secretKeyRef")] as const,
      ];
    }),
  ];
  return sources.flatMap(([kind, source]) =>
    reference(kind, childOf(source, "name"), { optional: isOptional(source), container: name }),
  );
}

function reference(
  kind: ReferredKind,
  node: ManifestNode | undefined,
  { optional = false, container }: { readonly optional?: boolean; readonly container?: string },
): Reference[] {
  const name = wordOf(node);
  if (node === undefined || name === undefined) return [];
  return [{ kind, name, optional, ...(container === undefined ? {} : { container }), line: node.line }];
}

function isOptional(source: ManifestNode | undefined): boolean {
  return scalarOf(childOf(source, "optional")) === true;
}

function readContainer(
  container: ManifestNode,
  volumes: readonly ManifestNode[],
  document: ManifestDocument,
): ContainerTemplate {
  const env = itemsOf(childOf(container, "env"));
  const names = env.map((node) => wordOf(childOf(node, "name")) ?? "");
  const text = (node: ManifestNode | undefined, setBefore: number): ContainerText[] => {
    if (!mayMention(wordOf(node) ?? "")) return [];
    const found = renderedText(node, document);
    return found ? [{ ...found, text: withoutEscapes(found.text), setBefore }] : [];
  };
  const words = [...itemsOf(childOf(container, "command")), ...itemsOf(childOf(container, "args"))];
  return {
    name: containerName(container),
    texts: [
      ...env.flatMap((node, at) => text(childOf(node, "value"), at)),
      ...words.flatMap((node) => text(node, names.length)),
    ],
    variables: names,
    envFrom: itemsOf(childOf(container, "envFrom")).flatMap(environmentSource),
    reads: readsOf(container, env, volumes),
  };
}

/** `$$(FOO)` stands for the text `$(FOO)`. */
function withoutEscapes(text: string): string {
  return text.replaceAll(/\$\$\([\w.-]*\)/g, "");
}

function containerName(container: ManifestNode): string {
  return wordOf(childOf(container, "name")) ?? "";
}

function environmentSource(node: ManifestNode): ContainerTemplate["envFrom"] {
  const prefix = wordOf(childOf(node, "prefix")) ?? "";
  const named = (kind: ReferredKind, source: ManifestNode | undefined) => {
    const name = wordOf(childOf(source, "name"));
    return name === undefined ? [] : [{ kind, name, prefix }];
  };
  return [
    ...named("ConfigMap", childOf(node, "configMapRef")),
    ...named("Secret", childOf(node, "secretRef")),
  ];
}

function readsOf(
  container: ManifestNode,
  env: readonly ManifestNode[],
  volumes: readonly ManifestNode[],
): ContainerTemplate["reads"] {
  const mounted = new Set(
    itemsOf(childOf(container, "volumeMounts")).map((node) => wordOf(childOf(node, "name"))),
  );
  const maps = volumes
    .filter((volume) => mounted.has(wordOf(childOf(volume, "name"))))
    .flatMap((volume) => [volume, ...itemsOf(childOf(volume, "projected", "sources"))])
    .map((source) => childOf(source, "configMap"));
  const taken = itemsOf(childOf(container, "envFrom")).map((node) => childOf(node, "configMapRef"));
  const single = env.map((node) => childOf(node, "valueFrom", "configMapKeyRef"));
  return [...maps, ...taken, ...single].flatMap((source) => {
    const name = wordOf(childOf(source, "name"));
    const keys = [
      childOf(source, "key"),
      ...itemsOf(childOf(source, "items")).map((item) => childOf(item, "key")),
    ];
    const named = keys.flatMap((key) => wordOf(key) ?? []);
    return name === undefined ? [] : [{ name, ...(named.length === 0 ? {} : { keys: named }) }];
  });
}
