import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";

// The yaml package can change a document and write it out anew, which rewrites lines that nobody asked about: widths,
// quotes, blank lines. So text is put in and taken out at known places, and every other byte stays as it is.

/** Takes `remove` code units out of a text at an offset, and puts others in. */
export interface TextEdit {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** The text after the edit. */
export function applyEdit(text: string, { at, remove, insert }: TextEdit): string {
  return text.slice(0, at) + insert + text.slice(at + remove);
}

/** The pair of a key, if the node is a map that has it. */
export function pairOf(node: unknown, key: string): Pair<Node, Node | null> | undefined {
  if (!isMap(node)) return undefined;
  const pair = node.items.find((one) => isScalar(one.key) && one.key.value === key);
  return pair as Pair<Node, Node | null> | undefined;
}

/**
 * Adds `key: value` to a map, as its first key, or behind a key of it. The value is YAML on one line.
 *
 * @returns undefined where the map cannot be changed in place: it shares its text with others by an alias, say
 */
export function insertPair(
  text: string,
  {
    map,
    parentKey,
    line,
    behind,
  }: {
    readonly map: YAMLMap;
    /** The key that the map is the value of; the text's own map has none. */
    readonly parentKey?: Node;
    /** May have several lines. */
    readonly line: string;
    /** @default it becomes the first one, which it cannot in the text's own map */
    readonly behind?: Pair<Node, Node | null> | undefined;
  },
): TextEdit | undefined {
  if (isShared(map)) return undefined;
  if (map.flow) return insertPairInFlow(text, { map, line, behind });
  const [first] = map.items;
  if (!first || !isNode(first.key)) return undefined;
  const indent = indentAt(text, startOf(first.key));
  if (indent === undefined) return undefined;
  if (!behind && !parentKey) return undefined;
  const at = behind
    ? endWithComments(text, lastOffset(text, behind), indent)
    : lineEnd(text, parentKey ? endOf(parentKey) : 0);
  return { at, remove: 0, insert: linesToInsert(text, line, indent) };
}

function insertPairInFlow(
  text: string,
  { map, line, behind }: { map: YAMLMap; line: string; behind: Pair<Node, Node | null> | undefined },
): TextEdit | undefined {
  const [first] = map.items;
  if (!first || !isNode(first.key)) return replaceEmpty(text, map, `{ ${line} }`);
  if (!behind) return { at: startOf(first.key), remove: 0, insert: `${line}, ` };
  return { at: lastOffset(text, behind), remove: 0, insert: `, ${line}` };
}

/** Undefined where there is a comment in it. */
function replaceEmpty(text: string, node: Node, insert: string): TextEdit | undefined {
  const [at, end] = [startOf(node), endOf(node)];
  return text.slice(at, end).includes("#") ? undefined : { at, remove: end - at, insert };
}

/** Gives a key whose value is empty a map, with one key. `line` is `key: value`, and may have several lines. */
export function fillEmptyPair(
  text: string,
  { pair, line }: { readonly pair: Pair<Node, Node | null>; readonly line: string },
): TextEdit | undefined {
  const indent = indentAt(text, startOf(pair.key));
  if (indent === undefined || (isNode(pair.value) && endOf(pair.value) > startOf(pair.value)))
    return undefined;
  return { at: lineEnd(text, endOf(pair.key)), remove: 0, insert: linesToInsert(text, line, `${indent}  `) };
}

/** To stand behind the end of a line. */
function linesToInsert(text: string, lines: string, indent: string): string {
  return lines
    .split("\n")
    .map((line) => `${newline(text)}${line === "" ? "" : indent}${line}`)
    .join("");
}

/** Puts an item into a list, before the one at `index` or at the end. The item is YAML on one line. */
export function insertItem(
  text: string,
  { list, index, item }: { readonly list: YAMLSeq; readonly index: number; readonly item: string },
): TextEdit | undefined {
  if (isShared(list)) return undefined;
  const items = list.items.filter(isNode);
  if (items.length !== list.items.length) return undefined;
  const next = items[index];
  const last = items.at(-1);
  if (list.flow) {
    if (!last) return replaceEmpty(text, list, `[${item}]`);
    return next
      ? { at: startOf(next), remove: 0, insert: `${item}, ` }
      : { at: endOf(last), remove: 0, insert: `, ${item}` };
  }
  if (!last) return undefined;
  const dash = dashOf(text, next ?? last);
  if (!dash) return undefined;
  const line = `${dash.indent}- ${item}`;
  if (next)
    return {
      ...{ at: aboveComments(text, dash.lineStart, dash.indent), remove: 0 },
      insert: `${line}${newline(text)}`,
    };
  const at = endWithComments(text, lastOffset(text, last), dash.indent);
  return { at, remove: 0, insert: `${newline(text)}${line}` };
}

/** Takes an item out of a list that has others. Undefined where a comment would go that may be about another one. */
export function removeItem(
  text: string,
  { list, index }: { readonly list: YAMLSeq; readonly index: number },
): TextEdit | undefined {
  const items = list.items.filter(isNode);
  const item = items[index];
  if (!item || items.length < 2 || isShared(list)) return undefined;
  if (!list.flow) {
    const dash = dashOf(text, item);
    return dash && removeLines(text, dash.lineStart, lastOffset(text, item));
  }
  const next = items[index + 1];
  const previous = items[index - 1];
  const from = next || !previous ? startOf(item) : endOf(previous);
  const to = next ? startOf(next) : endOf(item);
  return text.slice(from, to).includes("#") ? undefined : { at: from, remove: to - from, insert: "" };
}

/** Takes a key out of a map, with its value. */
export function removePair(
  text: string,
  { map, pair }: { readonly map: YAMLMap; readonly pair: Pair<Node, Node | null> },
): TextEdit | undefined {
  if (isShared(map)) return undefined;
  if (!map.flow) {
    const start = startOf(pair.key);
    const isAlone = indentAt(text, start) !== undefined;
    return isAlone ? removeLines(text, lineStart(text, start), lastOffset(text, pair)) : undefined;
  }
  const index = map.items.findIndex(({ key }) => key === pair.key);
  const next = map.items[index + 1]?.key;
  const previous = map.items[index - 1];
  const from = isNode(next) || !previous ? startOf(pair.key) : lastOffset(text, previous);
  const to = isNode(next) ? startOf(next) : lastOffset(text, pair);
  return text.slice(from, to).includes("#") ? undefined : { at: from, remove: to - from, insert: "" };
}

/** Puts other YAML into the place of a value that stands on one line. */
export function replaceNode(text: string, node: Node, insert: string): TextEdit | undefined {
  const [at, end] = [startOf(node), endOf(node)];
  const written = text.slice(at, end);
  if (written === "" || /[\n#]/.test(written) || isShared(node)) return undefined;
  return { at, remove: end - at, insert };
}

/** With an anchor, an alias or a tag on it or right below it: to change it may change something elsewhere. */
function isShared(node: Node): boolean {
  if (isAlias(node) || isMarked(node)) return true;
  if (isMap(node)) return node.items.some(({ key, value }) => isMarked(key) || isMarked(value));
  return isSeq(node) && node.items.some(isMarked);
}

function isMarked(node: unknown): boolean {
  if (isAlias(node)) return true;
  return isNode(node) && (("anchor" in node && node.anchor !== undefined) || node.tag !== undefined);
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function endOf(node: Node): number {
  return node.range?.[1] ?? 0;
}

/** Where the last value of a node ends: ranges of blocks go on over the comments behind them, or the line end. */
function lastOffset(text: string, node: Node | Pair<unknown, unknown>): number {
  if ("key" in node) {
    const isWritten = isNode(node.value) && endOf(node.value) > startOf(node.value);
    if (isWritten && isNode(node.value)) return lastOffset(text, node.value);
    return isNode(node.key) ? endOf(node.key) : 0;
  }
  if ((isMap(node) || isSeq(node)) && !node.flow) {
    const last = node.items.at(-1);
    if (last !== undefined && last !== null) return lastOffset(text, last as Node | Pair<unknown, unknown>);
  }
  const end = endOf(node);
  return text[end - 1] === "\n" ? end - 1 : end;
}

/** The end of a line, or of the comments below it that are indented more than what is to come: they belong to it. */
function endWithComments(text: string, offset: number, indent: string): number {
  let end = lineEnd(text, offset);
  for (;;) {
    const next = text.indexOf("\n", end) + 1;
    const begin = next === 0 ? undefined : /^ *(?=#)/.exec(text.slice(next, lineEnd(text, next)))?.[0];
    if (begin === undefined || begin.length <= indent.length) return end;
    end = lineEnd(text, next);
  }
}

/** The beginning of a line, or of the comments right above it that are indented as it is: they are about it. */
function aboveComments(text: string, start: number, indent: string): number {
  const above = lineStart(text, start - 1);
  const isComment = start > 0 && text.startsWith(`${indent}#`, above);
  return isComment ? aboveComments(text, above, indent) : start;
}

/** The dash of a block list's item, where nothing but spaces stands before it. */
function dashOf(
  text: string,
  item: Node,
): { readonly lineStart: number; readonly indent: string } | undefined {
  const start = lineStart(text, startOf(item));
  const indent = /^( *)- +$/.exec(text.slice(start, startOf(item)))?.[1];
  return indent === undefined ? undefined : { lineStart: start, indent };
}

/** What stands before an offset on its line, if that is nothing but spaces. */
function indentAt(text: string, offset: number): string | undefined {
  const before = text.slice(lineStart(text, offset), offset);
  return /^ *$/.test(before) ? before : undefined;
}

/** Whole lines, from the beginning of one to the end of that in which a value ends. */
function removeLines(text: string, from: number, last: number): TextEdit {
  const end = text.indexOf("\n", last);
  const to = end < 0 ? text.length : end + 1;
  return { at: from, remove: to - from, insert: "" };
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Before the line end, behind a comment. */
function lineEnd(text: string, offset: number): number {
  const at = text.indexOf("\n", offset);
  const end = at < 0 ? text.length : at;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function newline(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
