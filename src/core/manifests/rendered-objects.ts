import type { Diagnostic } from "../common/diagnostic.ts";
import type { SourceText } from "../common/places.ts";
import { utf16Fault } from "../common/utf16.ts";
import { type ManifestDocument, readManifestDocuments } from "./manifest-documents.ts";
import { childOf, descendantOf, entriesOf, itemsOf, type ManifestNode, wordOf } from "./manifest-tree.ts";
import { type PodTemplate, podTemplatesOf } from "./pod-template.ts";
import { dnsTextsBelow, type RenderedText, renderedText } from "./rendered-text.ts";
import type { ServicePort } from "./service-variable.ts";

/** An object of a rendered manifest: what it is, what it makes, and what it mentions. */
export interface RenderedObject {
  readonly kind: string;
  readonly name: string;
  /** Absent where the manifest leaves it to helm. */
  readonly namespace?: string;
  readonly file: string;
  /** Where it begins. */
  readonly line: number;
  /** The release that it belongs to, as its labels and annotations say. */
  readonly release?: { readonly name: string; readonly namespace?: string };
  /** Of a Service. */
  readonly service?: RenderedService;
  /** Of a ConfigMap and a Secret: the keys, those of a ConfigMap with their text. */
  readonly data?: ReadonlyMap<string, RenderedText | undefined>;
  readonly pods: readonly PodTemplate[];
  /** What it says that may be a name in DNS. */
  readonly texts: readonly RenderedText[];
}

export interface RenderedService {
  readonly ports: readonly ServicePort[];
  /** It has no address of its own, so that kubelet makes no variables of it. */
  readonly why?: "headless" | "external-name";
}

/**
 * Reads what helm rendered: the objects of all documents of a text. What is no YAML, or no object, is a fault with its
 * place; what is only there for `helm test` is left out. Never throws.
 *
 * @param source `file` is how places are named; `text` may be of many documents
 */
export function readRenderedObjects(source: SourceText): {
  readonly objects: readonly RenderedObject[];
  readonly faults: readonly Diagnostic[];
} {
  const utf16 = utf16Fault(source);
  if (utf16) return { objects: [], faults: [utf16] };
  const { documents, faults } = readManifestDocuments(source);
  const objects: RenderedObject[] = [];
  const all: Diagnostic[] = [...faults];
  for (const document of documents) {
    // Most documents have no pods, and looking for them at every node takes long.
    const mayHavePods = document.mayHold("containers");
    for (const { kind, root } of listed(document.root)) {
      if (deploysNothing(kind, root)) continue;
      const object = kind && readObject(kind, root, { document, mayHavePods, file: source.file });
      if (object) objects.push(object);
      else all.push(noObject(root, document, source.file));
    }
  }
  return { objects, faults: all };
}

interface ListedObject {
  /** Undefined where nothing says it. */
  readonly kind: string | undefined;
  readonly root: ManifestNode;
}

/** A List holds objects, lists among them; what a `ConfigMapList` holds need not say that it is a ConfigMap. */
function listed(root: ManifestNode, ofList?: string): readonly ListedObject[] {
  const kind = wordOf(childOf(root, "kind")) ?? ofList;
  const items = childOf(root, "items");
  if (kind?.endsWith("List") !== true || items === undefined) return [{ kind, root }];
  const ofItems = kind === "List" ? undefined : kind.slice(0, -"List".length);
  return itemsOf(items).flatMap((item) => listed(item, ofItems));
}

function readObject(
  kind: string,
  root: ManifestNode,
  {
    document,
    mayHavePods,
    file,
  }: { readonly document: ManifestDocument; readonly mayHavePods: boolean; readonly file: string },
): RenderedObject | undefined {
  const metadata = childOf(root, "metadata");
  // The API server makes a name of the second, which nobody can refer to.
  const name = wordOf(childOf(metadata, "name")) ?? wordOf(childOf(metadata, "generateName"));
  if (name === undefined) return undefined;
  const namespace = wordOf(childOf(metadata, "namespace"));
  const release = releaseOf(metadata);
  const service = kind === "Service" ? serviceOf(childOf(root, "spec")) : undefined;
  const data = dataOf(kind, root, document);
  return {
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    file,
    line: root.line,
    ...(release === undefined ? {} : { release }),
    ...(service === undefined ? {} : { service }),
    ...(data === undefined ? {} : { data }),
    pods: mayHavePods ? podTemplatesOf(root, document) : [],
    // What a Secret holds is nobody's to read.
    texts: kind === "Secret" ? [] : dnsTextsBelow(root, document),
  };
}

function releaseOf(metadata: ManifestNode | undefined): RenderedObject["release"] {
  const annotations = childOf(metadata, "annotations");
  const labels = childOf(metadata, "labels");
  const name =
    wordOf(childOf(annotations, "meta.helm.sh/release-name")) ??
    wordOf(childOf(labels, "release")) ??
    wordOf(childOf(labels, "app.kubernetes.io/instance"));
  if (name === undefined) return undefined;
  const namespace = wordOf(childOf(annotations, "meta.helm.sh/release-namespace"));
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

function serviceOf(spec: ManifestNode | undefined): RenderedService {
  const ports = itemsOf(childOf(spec, "ports")).flatMap((node): ServicePort[] => {
    const port = Number(wordOf(childOf(node, "port")));
    const [name, protocol] = [wordOf(childOf(node, "name")), wordOf(childOf(node, "protocol"))];
    return [
      { port, ...(name === undefined ? {} : { name }), ...(protocol === undefined ? {} : { protocol }) },
    ];
  });
  if (wordOf(childOf(spec, "type")) === "ExternalName") return { ports, why: "external-name" };
  return wordOf(childOf(spec, "clusterIP")) === "None" ? { ports, why: "headless" } : { ports };
}

function dataOf(kind: string, root: ManifestNode, document: ManifestDocument): RenderedObject["data"] {
  if (kind === "ConfigMap") {
    return new Map(
      [...entriesOf(childOf(root, "data")), ...entriesOf(childOf(root, "binaryData"))].map(([key, node]) => [
        key,
        renderedText(node, document),
      ]),
    );
  }
  if (kind !== "Secret") return undefined;
  const keys = [...entriesOf(childOf(root, "data")), ...entriesOf(childOf(root, "stringData"))];
  return new Map(keys.map(([key]) => [key, undefined]));
}

/** A definition only describes objects; a test is run when somebody asks for it. */
function deploysNothing(kind: string | undefined, root: ManifestNode): boolean {
  if (kind === "CustomResourceDefinition") return true;
  const hook = wordOf(descendantOf(root, "metadata", "annotations", "helm.sh/hook"));
  return hook?.split(",").every((event) => /^\s*test(?:-success|-failure)?\s*$/.test(event)) === true;
}

function noObject(root: ManifestNode, document: ManifestDocument, file: string): Diagnostic {
  const text = document.lineText(root.line);
  return {
    severity: "error",
    code: "no-object",
    message: "this document is no object of Kubernetes: it has no kind, or no name",
    place: { file, line: root.line, column: 1, length: Math.max(1, text.length), text },
    expected: "kind, and metadata with a name",
  };
}
