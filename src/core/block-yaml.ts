import { colonOfKey, textOfKey } from "./block-yaml-key.ts";
import { flowStart, NotPlain, quotedEnd, quotedText, readFlow, restIsEmpty } from "./block-yaml-line.ts";
import { resolveScalar } from "./block-yaml-scalar.ts";
import type { ManifestNode, ManifestScalar } from "./manifest-tree.ts";

/**
 * Reads YAML as charts are written: blocks of keys and lists, literal blocks, scalars and brackets on one line,
 * comments. Undefined where it finds anything else (anchors, tags, folded blocks, quotes over several lines) or what is
 * not YAML at all: the real parser is for that. Some thirty times as fast as that one.
 *
 * @param lines of one document, without line ends
 * @param firstLine the number of the first of them
 */
export function readBlockYaml(lines: readonly string[], firstLine: number): ManifestNode | undefined {
  try {
    return new BlockReader(lines, firstLine).whole();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Far deeper than any chart; keeps the reader from exhausting the stack. */
const deepest = 200;

class BlockReader {
  readonly #lines: readonly string[];
  readonly #firstLine: number;
  #at = 0;
  /** Of the line that {@link #settle} stopped at. */
  #indent = 0;
  #depth = 0;

  constructor(lines: readonly string[], firstLine: number) {
    this.#lines = lines;
    this.#firstLine = firstLine;
  }

  whole(): ManifestNode {
    const node = this.#settle() ? this.#block(this.#indent) : this.#scalar(null);
    if (this.#settle()) throw new NotPlain();
    return node;
  }

  /** Goes on to the next line that says something; false at the end. */
  #settle(): boolean {
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#lines[this.#at] ?? "";
      const indent = indentOf(line);
      if (indent === line.length || line.charCodeAt(indent) === hash) continue;
      if (line.charCodeAt(indent) === tab) throw new NotPlain();
      this.#indent = indent;
      return true;
    }
    return false;
  }

  #block(indent: number): ManifestNode {
    this.#depth++;
    if (this.#depth > deepest) throw new NotPlain();
    const node = isDash(this.#line(), indent) ? this.#list(indent) : this.#map(indent);
    this.#depth--;
    return node;
  }

  #map(indent: number): ManifestNode {
    const line = this.#number();
    const keys: string[] = [];
    const values: ManifestNode[] = [];
    do {
      const text = this.#line();
      const colon = colonOfKey(text, indent);
      if (colon === -1) throw new NotPlain();
      const key = textOfKey(text, indent, colon);
      if (key === "<<") throw new NotPlain();
      keys.push(key);
      values.push(this.#value(indent, afterBlanks(text, colon + 1), "below-key"));
    } while (this.#isNext(indent) && !isDash(this.#line(), indent));
    return { kind: "map", line, keys, values };
  }

  #list(indent: number): ManifestNode {
    const line = this.#number();
    const items: ManifestNode[] = [];
    do {
      const text = this.#line();
      const from = afterBlanks(text, indent + 1);
      const opensBlock = isDash(text, from) || colonOfKey(text, from) !== -1;
      // The rest of the line is the first line of the block that the dash opens.
      items.push(opensBlock ? this.#block(from) : this.#value(indent, from, "below-dash"));
    } while (this.#isNext(indent) && isDash(this.#line(), indent));
    return { kind: "list", line, items };
  }

  /** Whether the next line belongs to the same block. One that is deeper has nothing that it could belong to. */
  #isNext(indent: number): boolean {
    if (!this.#settle()) return false;
    if (this.#indent > indent) throw new NotPlain();
    return this.#indent === indent;
  }

  /** What stands in a line from `from` on, in a block of that indentation. */
  #value(indent: number, from: number, where: "below-key" | "below-dash"): ManifestNode {
    const text = this.#line();
    const first = text[from];
    if (first === undefined || first === "#") return this.#nested(indent, where);
    if (first === "|") return this.#literal(indent, from);
    if (first === '"' || first === "'") return this.#quoted(from);
    if (flowStart.test(first)) return this.#flow(from);
    if (!plainStart.test(text.slice(from, from + 2))) throw new NotPlain();
    return this.#plain(indent, from);
  }

  /** What stands below a key or a dash: a deeper block, or below a key a list that is not indented, or nothing. */
  #nested(indent: number, where: "below-key" | "below-dash"): ManifestNode {
    const empty = this.#scalar(null);
    this.#at++;
    if (!this.#settle()) return empty;
    if (this.#indent > indent) return this.#block(this.#indent);
    const isList = where === "below-key" && this.#indent === indent && isDash(this.#line(), indent);
    return isList ? this.#block(indent) : empty;
  }

  #literal(indent: number, from: number): ManifestNode {
    const [, chomping] = literalHeader.exec(this.#line().slice(from)) ?? [];
    if (chomping === undefined) throw new NotPlain();
    const node = this.#scalar("", true);
    this.#at++;
    const start = this.#at;
    let inner = 0;
    for (; this.#at < this.#lines.length; this.#at++) {
      const line = this.#line();
      const own = indentOf(line);
      // Blank lines before the first one that is not may say how deep the text is.
      if (own === line.length) {
        if (inner === 0 && own > indent + 1) throw new NotPlain();
        continue;
      }
      if (own <= indent) break;
      if (inner === 0) inner = own;
      if (own < inner) throw new NotPlain();
    }
    if (inner === 0) throw new NotPlain();
    const all = this.#lines.slice(start, this.#at).map((line) => line.slice(inner));
    return { ...node, value: chomped(all, chomping) };
  }

  #quoted(from: number): ManifestNode {
    const text = this.#line();
    const end = quotedEnd(text, from);
    if (!restIsEmpty(text, end)) throw new NotPlain();
    return this.#taken(this.#scalar(quotedText(text.slice(from, end))));
  }

  #flow(from: number): ManifestNode {
    const text = this.#line();
    const { node, end } = readFlow(text, { from, line: this.#number() });
    if (!restIsEmpty(text, end)) throw new NotPlain();
    return this.#taken(node);
  }

  #plain(indent: number, from: number): ManifestNode {
    const line = this.#number();
    let text = this.#line().slice(from);
    const comment = text.indexOf(" #");
    if (comment !== -1) text = text.slice(0, comment);
    text = plainPart(text);
    this.#at++;
    // Long lines are folded by what writes them: the next lines go on with the text.
    while (comment === -1 && this.#goesOn(indent)) {
      const next = this.#line();
      if (next.includes(" #")) throw new NotPlain();
      text += ` ${plainPart(next.trimStart())}`;
      this.#at++;
    }
    return { kind: "scalar", line, value: resolveScalar(text), isLiteral: false };
  }

  #goesOn(indent: number): boolean {
    const line = this.#lines[this.#at];
    if (line === undefined) return false;
    const own = indentOf(line);
    if (own < line.length && line.charCodeAt(own) === tab) throw new NotPlain();
    return own > indent && own < line.length && line.charCodeAt(own) !== hash;
  }

  #line(): string {
    return this.#lines[this.#at] ?? "";
  }

  #number(): number {
    return this.#firstLine + this.#at;
  }

  #scalar(value: ManifestScalar["value"], isLiteral = false): ManifestScalar {
    return { kind: "scalar", line: this.#number(), value, isLiteral };
  }

  #taken(node: ManifestNode): ManifestNode {
    this.#at++;
    return node;
  }
}

const hash = 35;
const tab = 9;
const space = 32;

const literalHeader = /^\|([+-]?) *(?: #.*)?$/;
/** Marks that begin something else than a text, or a text that needs a closer look. */
const plainStart = /^(?:[^-?:,[\]{}#&*!|>'"%@`\t]|-[^ \t])/;

function indentOf(line: string): number {
  return afterBlanks(line, 0);
}

function afterBlanks(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === space) at++;
  return at;
}

function isDash(line: string, at: number): boolean {
  return line[at] === "-" && (line.length === at + 1 || line[at + 1] === " ");
}

/** @throws NotPlain where it looks like a key */
function plainPart(text: string): string {
  const part = text.trimEnd();
  if (part.includes(": ") || part.endsWith(":") || part.includes("\t")) throw new NotPlain();
  return part;
}

function chomped(lines: readonly string[], chomping: string): string {
  if (chomping === "+") return `${lines.join("\n")}\n`;
  let end = lines.length;
  while (end > 0 && lines[end - 1] === "") end--;
  const text = (end === lines.length ? lines : lines.slice(0, end)).join("\n");
  return chomping === "-" ? text : `${text}\n`;
}
