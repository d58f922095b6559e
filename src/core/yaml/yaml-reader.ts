import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, type YAMLMap, type YAMLSeq } from "yaml";
import type { Diagnostic, Place } from "../common/diagnostic.ts";
import { type PlaceAt, placesOf, type SourceText } from "../common/places.ts";
import { utf16Fault } from "../common/utf16.ts";
import { composeYaml, fileLimits, tooDeep } from "./yaml-syntax.ts";
import { unreadable, type YamlEntry, type YamlList, type YamlMap, type YamlNode } from "./yaml-tree.ts";

/** Without a root, the faults say why; with one there may be faults too. */
export interface YamlTree {
  readonly root?: YamlNode;
  readonly faults: readonly Diagnostic[];
}

/** Reads a YAML file into values that know their places. Never throws, whatever the text. */
export function parseYamlTree({ file, text }: SourceText): YamlTree {
  const utf16 = utf16Fault({ file, text });
  if (utf16) return { faults: [utf16] };
  // Editors do not count the byte order mark as a column.
  const source = { file, text: text.replace(/^\uFEFF/, "") };
  const placeAt = placesOf(source);
  const { document, faults } = composeYaml(source.text, placeAt);
  if (!document) return { faults };
  const reader = new TreeReader(placeAt);
  const root = reader.read(document.contents, { depth: 1 });
  const all = [...faults, ...reader.faults];
  return reader.stopped ? { faults: all } : { root, faults: all };
}

/** Aliases multiply: a few lines can stand for more values than fit into memory. */
const mostValues = 100_000;

interface Spot {
  readonly depth: number;
  /** The place of the alias that led here. */
  readonly via?: Place;
  /** The place of the key of the value: there a value is missed that is not written. */
  readonly key?: Place;
}

class TreeReader {
  readonly faults: Diagnostic[] = [];
  /** Set where the tree is too large or too deep to go on: then there is no tree. */
  stopped = false;
  readonly #placeAt: PlaceAt;
  readonly #anchors = new Map<string, unknown>();
  /** What each alias stands for: an anchor that is set anew further on is none of those before it. */
  readonly #targets = new Map<Alias, unknown>();
  readonly #open = new Set<unknown>();
  #values = 0;

  constructor(placeAt: PlaceAt) {
    this.#placeAt = placeAt;
  }

  read(value: unknown, spot: Spot): YamlNode {
    const place = this.#placeOf(value, spot);
    const missing: YamlNode = { kind: "scalar", place, value: null };
    if (this.#isBeyondLimits(place, spot)) return missing;
    if (isAlias(value)) {
      if (!this.#targets.has(value)) this.#targets.set(value, this.#anchors.get(value.source));
      return this.#readAlias(value, { ...spot, via: place });
    }
    if (isScalar(value)) {
      this.#keepAnchor(value, spot);
      return { kind: "scalar", place, value: value.value };
    }
    if (!isMap(value) && !isSeq(value)) return missing;
    this.#keepAnchor(value, spot);
    this.#open.add(value);
    const node = isMap(value) ? this.#readMap(value, place, spot) : this.#readList(value, place, spot);
    this.#open.delete(value);
    return node;
  }

  #readMap(map: YAMLMap, place: Place, spot: Spot): YamlMap {
    const entries = new Map<string, YamlEntry>();
    for (const pair of map.items) {
      const keyPlace = this.#placeOf(pair.key, { ...spot, key: place });
      // Read even where the key is refused: its value has faults and anchors of its own.
      const node = this.read(pair.value, { ...spot, depth: spot.depth + 1, key: keyPlace });
      const key = isScalar(pair.key) ? pair.key.value : pair.key;
      const first = typeof key === "string" ? entries.get(key) : undefined;
      if (typeof key !== "string") this.faults.push(keyNotText(pair.key, keyPlace));
      else if (key === "<<") this.faults.push(mergeKey(keyPlace));
      else if (first) this.faults.push(duplicateKey(first, keyPlace));
      else entries.set(key, { key, keyPlace, node });
    }
    return { kind: "map", place, entries };
  }

  #readList(list: YAMLSeq, place: Place, spot: Spot): YamlList {
    const { key: _, ...inherited } = spot;
    const items = list.items.map((item) => this.read(item, { ...inherited, depth: spot.depth + 1 }));
    return { kind: "list", place, items };
  }

  #readAlias(alias: Alias, spot: Spot & { readonly via: Place }): YamlNode {
    const target = this.#targets.get(alias);
    if (target !== undefined && !this.#open.has(target)) return this.read(target, spot);
    this.faults.push(target === undefined ? unknownAnchor(alias, spot.via) : endlessAlias(alias, spot.via));
    return { kind: "scalar", place: spot.via, value: unreadable };
  }

  #keepAnchor(node: { readonly anchor?: string | undefined }, { via }: Spot): void {
    if (node.anchor !== undefined && !via) this.#anchors.set(node.anchor, node);
  }

  #placeOf(value: unknown, { via, key }: Spot): Place {
    if (via) return via;
    const [start, end] = (isNode(value) ? value.range : undefined) ?? [0, 0];
    return start === end && key ? key : this.#placeAt(start, end);
  }

  #isBeyondLimits(place: Place, { depth }: Spot): boolean {
    this.#values += 1;
    if (!this.stopped && depth > fileLimits.levels) this.#stop(tooDeep(place, fileLimits.levels));
    if (!this.stopped && this.#values > mostValues) this.#stop(tooMany(place));
    return this.stopped;
  }

  #stop(fault: Diagnostic): void {
    this.stopped = true;
    this.faults.push(fault);
  }
}

function keyNotText(key: unknown, place: Place): Diagnostic {
  const written = isScalar(key) && key.source ? key.source : undefined;
  return {
    severity: "error",
    code: "key-not-text",
    message: written === undefined ? "this key is not a text" : `the key ${written} is not a text`,
    place,
    expected: "a text as the key",
    ...(written === undefined ? {} : { remedy: `put it in quotes: "${written}"` }),
  };
}

function mergeKey(place: Place): Diagnostic {
  return {
    severity: "error",
    code: "merge-key",
    message: 'the merge key "<<" is not known here',
    place,
    remedy: "write the keys out, or use an alias for a whole value",
  };
}

function duplicateKey(first: YamlEntry, place: Place): Diagnostic {
  return {
    severity: "error",
    code: "duplicate-key",
    message: `the key ${JSON.stringify(first.key)} stands twice in one map`,
    place,
    expected: "each key once",
    remedy: "remove one of the two, or join them",
    related: [{ message: "it stands here first", place: first.keyPlace }],
  };
}

function unknownAnchor({ source }: Alias, place: Place): Diagnostic {
  return {
    severity: "error",
    code: "unknown-anchor",
    message: `the alias *${source} has no anchor &${source} above it`,
    place,
    remedy: `if a glob is meant, put it in quotes: "*${source}"`,
  };
}

function endlessAlias({ source }: Alias, place: Place): Diagnostic {
  return {
    severity: "error",
    code: "endless-alias",
    message: `the alias *${source} stands inside of what it stands for`,
    place,
    remedy: "write the value out",
  };
}

function tooMany(place: Place): Diagnostic {
  return {
    severity: "error",
    code: "too-many-values",
    message: `with all aliases written out, this file has more than ${mostValues.toLocaleString("en")} values`,
    place,
    remedy: "write the values out instead of using aliases",
  };
}
