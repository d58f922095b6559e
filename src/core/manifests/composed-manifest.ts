import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, type Scalar, type YAMLMap } from "yaml";
import type { Diagnostic } from "../common/diagnostic.ts";
import { lineAt, lineStarts, type PlaceAt } from "../common/places.ts";
import { composeYaml, tooDeep, type YamlLimits } from "../yaml/yaml-syntax.ts";
import { deepestNesting, entriesOf, type ManifestNode, type ManifestScalar } from "./manifest-tree.ts";

interface DocumentSource {
  /** The number of the document's first line in the whole text. */
  readonly firstLine: number;
  /** Where that line begins. */
  readonly start: number;
  /** Of the whole text. */
  readonly placeAt: PlaceAt;
}

/** Reads one YAML document with the real parser: anchors, aliases, merge keys, tags, whatever YAML has. */
export function parseComposedManifest(
  text: string,
  { firstLine, start, placeAt }: DocumentSource,
): { readonly root?: ManifestNode; readonly faults: readonly Diagnostic[] } {
  const { document, faults } = composeYaml(
    text,
    (from, to) => placeAt(start + from, start + to),
    documentLimits,
  );
  if (!document) return { faults };
  const reader = new ComposedReader(firstLine, lineStarts(text));
  const root = reader.read(document.contents);
  if (reader.stopped === "too-many") return { faults: [...faults, endless(placeAt(start, start + 1))] };
  if (reader.stopped === "too-deep")
    return { faults: [...faults, tooDeep(placeAt(start, start + 1), deepestNesting)] };
  return root.kind === "scalar" && root.value === null ? { faults } : { root, faults };
}

/** Aliases multiply: a few lines can stand for more values than fit into memory. */
const mostValues = 200_000;

/** A cluster stores no object of more than 1.5 MiB. */
const documentLimits: YamlLimits = {
  what: "document",
  expected: "an object that a cluster can store",
  mebibytes: 2,
  levels: deepestNesting,
};

class ComposedReader {
  /** Why it cannot go on: then there is nothing to be had of it. */
  stopped: "too-many" | "too-deep" | undefined;
  readonly #firstLine: number;
  readonly #starts: readonly number[];
  readonly #anchors = new Map<string, Anchored>();
  #values = 0;
  #depth = 0;
  /** Of what was read since somebody began to ask. */
  #deepest = 0;

  constructor(firstLine: number, starts: readonly number[]) {
    this.#firstLine = firstLine;
    this.#starts = starts;
  }

  read(value: unknown): ManifestNode {
    if (isAlias(value)) return this.#readAlias(value);
    const line = this.#lineOf(value);
    this.#count({ values: 1, levels: 0 });
    if (this.stopped) return empty(line);
    const anchor = anchorOf(value);
    if (anchor === undefined) return this.#readBelow(value, line);
    // An alias of it within itself would never end.
    this.#anchors.set(anchor, "open");
    const [valuesBefore, deepestBefore] = [this.#values, this.#deepest];
    this.#deepest = this.#depth;
    const node = this.#readBelow(value, line);
    const levels = this.#deepest - this.#depth;
    this.#anchors.set(anchor, { node, values: this.#values - valuesBefore + 1, levels });
    this.#deepest = Math.max(this.#deepest, deepestBefore);
    return node;
  }

  #readBelow(value: unknown, line: number): ManifestNode {
    this.#depth++;
    const node = this.#readKind(value, line);
    this.#depth--;
    return node;
  }

  #count({ values, levels }: { readonly values: number; readonly levels: number }): void {
    this.#values += values;
    this.#deepest = Math.max(this.#deepest, this.#depth + levels);
    if (this.#values > mostValues) this.stopped ??= "too-many";
    if (this.#deepest > deepestNesting) this.stopped ??= "too-deep";
  }

  #readKind(value: unknown, line: number): ManifestNode {
    if (isMap(value)) return this.#readMap(value, line);
    if (isSeq(value)) return { kind: "list", line, items: value.items.map((item) => this.read(item)) };
    return isScalar(value) ? { kind: "scalar", line, ...scalarOf(value) } : empty(line);
  }

  /** What the anchor stood for where it was written: an anchor of the same name that comes later changes nothing of it. */
  #readAlias(alias: Alias): ManifestNode {
    const target = this.#anchors.get(alias.source);
    if (target === "open") this.stopped ??= "too-many";
    else if (target) this.#count(target);
    return typeof target === "object" ? target.node : empty(this.#lineOf(alias));
  }

  #readMap(map: YAMLMap, line: number): ManifestNode {
    const own = new Map<string, ManifestNode>();
    const merged: ManifestNode[] = [];
    for (const { key, value } of map.items) {
      if (anchorOf(key) !== undefined) this.read(key);
      const node = value === null && isNode(key) ? empty(this.#lineOf(key)) : this.read(value);
      const name = isScalar(key) ? (key.source ?? String(key.value)) : undefined;
      if (name === "<<") merged.push(node);
      else if (name !== undefined) own.set(name, node);
    }
    // What is written in the map itself goes before what it takes from elsewhere, and of that the first.
    const taken = merged.flatMap((node) => (node.kind === "list" ? node.items : [node])).flatMap(entriesOf);
    const entries = new Map([...taken.toReversed(), ...own]);
    return { kind: "map", line, keys: [...entries.keys()], values: [...entries.values()] };
  }

  #lineOf(value: unknown): number {
    const offset = (isNode(value) ? value.range?.[0] : undefined) ?? 0;
    return this.#firstLine + lineAt(this.#starts, offset);
  }
}

/** What an anchor stands for, and how many values and levels that are; or that it is still being read. */
type Anchored = { readonly node: ManifestNode; readonly values: number; readonly levels: number } | "open";

function anchorOf(value: unknown): string | undefined {
  return isNode(value) && "anchor" in value ? value.anchor : undefined;
}

function scalarOf({ value, type, source }: Scalar): Pick<ManifestScalar, "value" | "isLiteral"> {
  const isLiteral = type === "BLOCK_LITERAL";
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number")
    return { value, isLiteral };
  return { value: source ?? String(value), isLiteral };
}

function empty(line: number): ManifestScalar {
  return { kind: "scalar", line, value: null, isLiteral: false };
}

function endless(place: Diagnostic["place"] & object): Diagnostic {
  return {
    severity: "error",
    code: "too-many-values",
    message: `with all aliases written out, this document has more than ${mostValues.toLocaleString("en")} values`,
    place,
    remedy: "write the values out instead of using aliases",
  };
}
