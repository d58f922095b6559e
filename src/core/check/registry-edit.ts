import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import type { Place } from "../common/diagnostic.ts";
import { placesOf } from "../common/places.ts";
import { releaseClasses } from "../common/release.ts";
import { unreachable } from "../common/result.ts";
import {
  applyEdit,
  fillEmptyPair,
  insertItem,
  insertPair,
  pairOf,
  removeItem,
  removePair,
  replaceNode,
  type TextEdit,
} from "../yaml/yaml-edit.ts";
import { composeYaml } from "../yaml/yaml-syntax.ts";
import { yamlList, yamlText } from "../yaml/yaml-text.ts";
import type { ClassifyChange, OrderChange, RegistryChange } from "./registry-change.ts";

/**
 * Writes a change into the text of a registry. Comments, order and every line that is not concerned stay as they are.
 *
 * @returns undefined where it cannot be written in place: what it concerns is written with an alias, say
 */
export function changeRegistry(text: string, change: RegistryChange): string | undefined {
  // Editors do not count the byte order mark as a column, and offsets would be off by it.
  const mark = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const changed =
    change.kind === "classify"
      ? editClass(text.slice(mark.length), change)
      : changeOnce(text.slice(mark.length), change);
  return changed === undefined ? undefined : mark + changed;
}

/** What stands in another list of the entry goes first: its class is one. */
function editClass(text: string, change: ClassifyChange): string | undefined {
  let changed = text;
  for (const other of releaseClasses.filter((name) => name !== change.class)) {
    const entry = entryOf(rootOf(changed), change.namespace)?.value;
    const found = spotsOf(pairOf(entry, other)?.value ?? undefined, change.release)[0];
    if (!found) continue;
    const without = isMap(entry) ? edited(changed, removeAt(changed, [entry, ...found])) : undefined;
    if (without === undefined) return undefined;
    changed = without;
  }
  const { namespace, release, environments, before } = change;
  const item = environments
    ? `{ release: ${yamlText(release)}, environments: ${yamlList(environments)} }`
    : yamlText(release);
  return addToList(changed, {
    namespace,
    list: change.class,
    item,
    ...(before === undefined ? {} : { before }),
  });
}

function changeOnce(text: string, change: Exclude<RegistryChange, ClassifyChange>): string | undefined {
  switch (change.kind) {
    case "order":
      return editOrder(text, change);
    case "provide":
      return editProvided(text, change);
    case "limit":
      return editLimit(text, change);
    case "rename": {
      const node = namedAt(text, change)?.at(-1);
      return node && edited(text, replaceNode(text, node, yamlText(change.to)));
    }
    case "remove": {
      const path = namedAt(text, change);
      return path && edited(text, removeAt(text, path));
    }
    case "remove-rule": {
      const path = pathTo(rootOf(text), text, change.place);
      const list = path?.findLastIndex(isSeq) ?? -1;
      return path && list >= 0 ? edited(text, removeAt(text, path.slice(0, list + 2))) : undefined;
    }
    default:
      return unreachable(change);
  }
}

function editOrder(text: string, change: OrderChange): string | undefined {
  const { namespace, first, second } = change;
  const list = sequenceOf(text, namespace);
  const both = [first, second].map((name) => yamlText(name)).join(", ");
  if (!list) return addToList(text, { namespace, list: "sequence", item: both });
  const missing = [first, second].filter((name) => spotsOf(list, name).length === 0);
  // The order that is written is somebody's decision.
  if (missing.length === 0) return undefined;
  return missing.reduce<string | undefined>(
    (changed, name) => changed && insertOrdered(changed, name, change),
    text,
  );
}

/** Before all that need it, or behind all that it needs, as far as these are there; else at the end. */
function insertOrdered(
  text: string,
  name: string,
  { namespace, first, readers, providers }: OrderChange,
): string | undefined {
  const list = sequenceOf(text, namespace);
  if (!list) return undefined;
  const known = (name === first ? readers : providers).flatMap((one) => spotsOf(list, one));
  const indexes = known.map((path) => indexIn(list, path));
  const behind = name === first ? Math.min(list.items.length, ...indexes) : Math.max(-1, ...indexes) + 1;
  return edited(text, insertItem(text, { list, index: behind, item: yamlText(name) }));
}

function sequenceOf(text: string, namespace: string): YAMLSeq | undefined {
  const list = pairOf(entryOf(rootOf(text), namespace)?.value, "sequence")?.value;
  return isSeq(list) ? list : undefined;
}

/** Adds an item to a list of a namespace, and makes what is missing on the way there. */
function addToList(
  text: string,
  {
    namespace,
    list,
    item,
    before,
  }: {
    readonly namespace: string;
    readonly list: ClassifyChange["class"] | "sequence";
    readonly item: string;
    readonly before?: string;
  },
): string | undefined {
  const root = rootOf(text);
  const namespaces = pairOf(root, "namespaces");
  const entry = entryOf(root, namespace);
  const line = `${list}: [${item}]`;
  if (!entry) {
    const named = yamlText(namespace);
    if (isMap(namespaces?.value) && namespaces.value.flow)
      return edited(text, addPair(text, namespaces, `${named}: { ${line} }`));
    return edited(text, addUnder(text, root, { key: "namespaces", line: `${named}:\n  ${line}` }));
  }
  const pair = pairOf(entry.value, list);
  if (!pair) {
    if (!isMap(entry.value)) return edited(text, fillEmptyPair(text, { pair: entry, line }));
    const { value: map, key: parentKey } = entry;
    return edited(text, insertPair(text, { map, parentKey, line, behind: precedingPair(map, list) }));
  }
  if (!isSeq(pair.value)) return undefined;
  const [spot] = before === undefined ? [] : spotsOf(pair.value, before);
  const index = spot ? indexIn(pair.value, spot) : pair.value.items.length;
  return edited(text, insertItem(text, { list: pair.value, index, item }));
}

/** In the order in which people write them: support, mediawiki, other, sequence. */
function precedingPair(map: YAMLMap, list: string): Pair<Node, Node | null> | undefined {
  const lists: readonly string[] = [...releaseClasses, "sequence"];
  const before = lists.slice(0, lists.indexOf(list));
  return before.map((name) => pairOf(map, name)).findLast((pair) => pair !== undefined);
}

function editProvided(
  text: string,
  { key, provides }: Extract<RegistryChange, { kind: "provide" }>,
): string | undefined {
  const root = rootOf(text);
  const services = pairOf(root, "services");
  const known = providesOf(root, key);
  if (!known) {
    const line = `${yamlText(key)}: { provides: ${yamlList(provides)} }`;
    return edited(
      text,
      services && isMap(services.value) && services.value.flow
        ? addPair(text, services, line)
        : addUnder(text, root, { key: "services", line }),
    );
  }
  if (!isSeq(known)) return undefined;
  const written = known.items.map((item) => (isScalar(item) ? item.value : undefined));
  return provides
    .filter((one) => !written.includes(one))
    .reduce<string | undefined>((changed, item) => changed && addProvided(changed, key, item), text);
}

function addProvided(text: string, key: string, item: string): string | undefined {
  const list = providesOf(rootOf(text), key);
  if (!isSeq(list)) return undefined;
  return edited(text, insertItem(text, { list, index: list.items.length, item: yamlText(item) }));
}

function providesOf(root: YAMLMap | undefined, key: string): Node | null | undefined {
  return pairOf(pairOf(pairOf(root, "services")?.value, key)?.value, "provides")?.value;
}

function editLimit(
  text: string,
  { place, environments }: Extract<RegistryChange, { kind: "limit" }>,
): string | undefined {
  const path = pathTo(rootOf(text), text, place);
  const [parent, node] = [path?.at(-2), path?.at(-1)];
  if (!isScalar(node) || typeof node.value !== "string") return undefined;
  const limited = yamlList(environments);
  if (isSeq(parent))
    return edited(
      text,
      replaceNode(text, node, `{ release: ${yamlText(node.value)}, environments: ${limited} }`),
    );
  const known = pairOf(parent, "environments")?.value;
  if (known) return edited(text, replaceNode(text, known, limited));
  if (!isMap(parent)) return undefined;
  return edited(
    text,
    insertPair(text, { map: parent, line: `environments: ${limited}`, behind: pairOf(parent, "release") }),
  );
}

/** Behind the last key of the map that a pair holds. */
function addPair(text: string, { key, value }: Pair<Node, Node | null>, line: string): TextEdit | undefined {
  return isMap(value)
    ? insertPair(text, { map: value, parentKey: key, line, behind: lastPair(value) })
    : undefined;
}

/** Behind the last key of a map below the root, which is made where it is missing. */
function addUnder(
  text: string,
  root: YAMLMap | undefined,
  { key, line }: { readonly key: string; readonly line: string },
): TextEdit | undefined {
  const pair = pairOf(root, key);
  if (pair && isMap(pair.value)) return addPair(text, pair, line);
  if (pair) return fillEmptyPair(text, { pair, line });
  const lines = line.split("\n").map((one) => `  ${one}`);
  return (
    root &&
    insertPair(text, { map: root, line: ["", `${key}:`, ...lines].join("\n"), behind: lastPair(root) })
  );
}

function lastPair(map: YAMLMap): Pair<Node, Node | null> | undefined {
  const last = map.items.at(-1);
  return last && isNode(last.key) ? (last as Pair<Node, Node | null>) : undefined;
}

/** The nodes that lead from the root to a value, the value last. */
type Path = readonly Node[];

/** Takes out what a name stands for: an item of a list, the list where it is the only one, or a key with its value. */
function removeAt(text: string, path: Path): TextEdit | undefined {
  const [parent, node] = [path.at(-2), path.at(-1)];
  if (!node) return undefined;
  if (isSeq(parent)) {
    if (parent.items.length > 1) return removeItem(text, { list: parent, index: parent.items.indexOf(node) });
    return removeAt(text, path.slice(0, -1));
  }
  if (!isMap(parent)) return undefined;
  // `release:` of a member stands for the member.
  const isMember = isSeq(path.at(-3)) && pairOf(parent, "release")?.value === node;
  if (isMember) return removeAt(text, path.slice(0, -1));
  const pair = parent.items.find(({ key, value }) => key === node || value === node);
  return pair && isNode(pair.key)
    ? removePair(text, { map: parent, pair: pair as Pair<Node, Node | null> })
    : undefined;
}

/** Where a release stands in a list: from the list to its name. */
function spotsOf(list: Node | undefined, release: string): Path[] {
  if (!isSeq(list)) return [];
  return list.items.flatMap((item): Path[] => {
    if (isScalar(item)) return item.value === release ? [[list, item]] : [];
    if (isSeq(item)) return spotsOf(item, release).map((path) => [list, ...path]);
    const name = pairOf(item, "release")?.value;
    return isNode(item) && isScalar(name) && name.value === release ? [[list, item]] : [];
  });
}

function indexIn(list: YAMLSeq, path: Path): number {
  return list.items.indexOf(path[path.indexOf(list) + 1]);
}

function entryOf(root: YAMLMap | undefined, namespace: string): Pair<Node, Node | null> | undefined {
  return pairOf(pairOf(root, "namespaces")?.value, namespace);
}

function rootOf(text: string): YAMLMap | undefined {
  const document: Document.Parsed | undefined = composeYaml(text, placesOf({ file: "", text })).document;
  return isMap(document?.contents) ? document.contents : undefined;
}

/** What has this name at this place. */
function namedAt(
  text: string,
  { name, place }: { readonly name: string; readonly place: Place },
): Path | undefined {
  const path = pathTo(rootOf(text), text, place);
  const node = path?.at(-1);
  return isScalar(node) && node.value === name ? path : undefined;
}

/** The nodes that lead to what begins at a place: a key or a value. The innermost, where several begin there. */
function pathTo(root: YAMLMap | undefined, text: string, { line, column }: Place): Path | undefined {
  if (!root) return undefined;
  const lines = text.split("\n");
  const offset = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
  let found: Path | undefined;
  visit(root, {
    Node: (_, node, path) => {
      if (node.range?.[0] === offset) found = [...path.filter(isNode), node];
    },
  });
  return found;
}

function edited(text: string, edit: TextEdit | undefined): string | undefined {
  return edit && applyEdit(text, edit);
}
