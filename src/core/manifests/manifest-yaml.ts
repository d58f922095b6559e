import { NotPlain } from "../common/not-plain.ts";
import { deepestNesting, type ManifestNode, type ManifestScalar } from "./manifest-tree.ts";
import { colonOfKey } from "./manifest-yaml-key.ts";
import { quotedEnd, quotedText, readFlow } from "./manifest-yaml-line.ts";
import { literalText } from "./manifest-yaml-literal.ts";
import {
  afterBlanks,
  bar,
  hash,
  isDash,
  isLineEnd,
  isQuote,
  openBrace,
  openBracket,
  restIsEmpty,
  tab,
} from "./manifest-yaml-mark.ts";
import { commentFollows, plainEnd, plainStartsAt, resolveScalar } from "./manifest-yaml-scalar.ts";
import { Stack } from "./stack.ts";
import type { LineSpan, TextLines } from "./text-lines.ts";

/**
 * Reads YAML as charts are written: blocks of keys and lists, literal blocks, scalars and brackets on one line,
 * comments. Undefined where it finds anything else (anchors, tags, folded blocks, quotes over several lines) or what is
 * not YAML at all: the real parser is for that. Some fifty times as fast as that one.
 *
 * @param span the lines of one document
 */
export function readBlockYaml(lines: TextLines, span: LineSpan): ManifestNode | undefined {
  try {
    return new BlockReader(lines, span).whole();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Walks the whole text by offsets, and cuts out only what is kept. Indentations are columns. */
class BlockReader {
  readonly #text: string;
  readonly #starts: readonly number[];
  /** The line that is read, where it begins, and the first that is not of the document. */
  #at: number;
  #start = 0;
  readonly #end: number;
  /** Of the line that {@link #settle} stopped at. */
  #indent = 0;
  #depth = 0;
  /** Of all blocks that are not at their end yet. */
  readonly #nodes = new Stack<ManifestNode>();

  constructor({ text, starts }: TextLines, { from, end }: LineSpan) {
    this.#text = text;
    this.#starts = starts;
    this.#at = from;
    this.#end = end;
  }

  whole(): ManifestNode {
    const node = this.#settle() ? this.#block(this.#indent) : this.#scalar(null);
    if (this.#settle()) throw new NotPlain();
    return node;
  }

  /** Goes on to the next line that says something; false at the end. */
  #settle(): boolean {
    for (; this.#at < this.#end; this.#at++) {
      const start = this.#starts[this.#at] ?? 0;
      const from = afterBlanks(this.#text, start);
      const first = this.#text.charCodeAt(from);
      if (first === hash || isLineEnd(first)) continue;
      if (first === tab) throw new NotPlain();
      this.#start = start;
      this.#indent = from - start;
      return true;
    }
    return false;
  }

  #block(indent: number): ManifestNode {
    this.#depth++;
    if (this.#depth > deepestNesting) throw new NotPlain();
    const node = isDash(this.#text, this.#start + indent) ? this.#list(indent) : this.#map(indent);
    this.#depth--;
    return node;
  }

  #map(indent: number): ManifestNode {
    const line = this.#at + 1;
    const { size } = this.#nodes;
    const keys: string[] = [];
    do {
      const from = this.#start + indent;
      const colon = colonOfKey(this.#text, from);
      if (colon === -1) throw new NotPlain();
      const quotes = isQuote(this.#text.charCodeAt(from)) ? 1 : 0;
      keys.push(this.#text.slice(from + quotes, colon - quotes));
      this.#nodes.push(this.#value(indent, afterBlanks(this.#text, colon + 1), "below-key"));
    } while (this.#isNext(indent) && !isDash(this.#text, this.#start + indent));
    return { kind: "map", line, keys, values: this.#nodes.takeFrom(size) };
  }

  #list(indent: number): ManifestNode {
    const line = this.#at + 1;
    const { size } = this.#nodes;
    do {
      const from = afterBlanks(this.#text, this.#start + indent + 1);
      const opensBlock = isDash(this.#text, from) || colonOfKey(this.#text, from) !== -1;
      // The rest of the line is the first line of the block that the dash opens.
      this.#nodes.push(
        opensBlock ? this.#block(from - this.#start) : this.#value(indent, from, "below-dash"),
      );
    } while (this.#isNext(indent) && isDash(this.#text, this.#start + indent));
    return { kind: "list", line, items: this.#nodes.takeFrom(size) };
  }

  /** Whether the next line belongs to the same block. One that is deeper has nothing that it could belong to. */
  #isNext(indent: number): boolean {
    if (!this.#settle()) return false;
    if (this.#indent > indent) throw new NotPlain();
    return this.#indent === indent;
  }

  /** What stands in a line from `from` on, in a block of that indentation. */
  #value(indent: number, from: number, where: "below-key" | "below-dash"): ManifestNode {
    const first = this.#text.charCodeAt(from);
    if (first === hash || isLineEnd(first)) return this.#nested(indent, where);
    if (first === bar) return this.#literal(indent, from);
    if (isQuote(first)) return this.#quoted(from);
    if (first === openBracket || first === openBrace) return this.#flow(from);
    if (!plainStartsAt(this.#text, from)) throw new NotPlain();
    return this.#plain(indent, from);
  }

  /** What stands below a key or a dash: a deeper block, or below a key a list that is not indented, or nothing. */
  #nested(indent: number, where: "below-key" | "below-dash"): ManifestNode {
    const line = this.#at + 1;
    this.#at++;
    if (this.#settle()) {
      if (this.#indent > indent) return this.#block(this.#indent);
      const isList =
        where === "below-key" && this.#indent === indent && isDash(this.#text, this.#start + indent);
      if (isList) return this.#block(indent);
    }
    return { kind: "scalar", line, value: null, isLiteral: false };
  }

  #literal(indent: number, from: number): ManifestNode {
    const line = this.#at + 1;
    this.#at++;
    const below = (this.#starts[this.#at] ?? 0) - 1;
    const [, chomping] = literalHeader.exec(this.#text.slice(from, below)) ?? [];
    if (chomping === undefined) throw new NotPlain();
    const inner = this.#skipLiteral(indent);
    const written = this.#text.slice(below, this.#starts[this.#at]);
    return { kind: "scalar", line, value: literalText(written, { inner, chomping }), isLiteral: true };
  }

  /** Goes on behind the lines of a literal block. Returns how deep its text is. */
  #skipLiteral(indent: number): number {
    let inner = 0;
    for (; this.#at < this.#end; this.#at++) {
      const start = this.#starts[this.#at] ?? 0;
      const from = afterBlanks(this.#text, start);
      const own = from - start;
      // Blank lines before the first one that is not may say how deep the text is.
      if (isLineEnd(this.#text.charCodeAt(from))) {
        if (inner === 0 && own > indent + 1) throw new NotPlain();
        continue;
      }
      if (own <= indent) break;
      if (inner === 0) inner = own;
      if (own < inner) throw new NotPlain();
    }
    if (inner === 0) throw new NotPlain();
    return inner;
  }

  #quoted(from: number): ManifestNode {
    const end = quotedEnd(this.#text, from);
    if (!restIsEmpty(this.#text, end)) throw new NotPlain();
    return this.#taken(this.#scalar(quotedText(this.#text.slice(from, end))));
  }

  #flow(from: number): ManifestNode {
    const { node, end } = readFlow(this.#text, { from, line: this.#at + 1 });
    if (!restIsEmpty(this.#text, end)) throw new NotPlain();
    return this.#taken(node);
  }

  #plain(indent: number, from: number): ManifestNode {
    const line = this.#at + 1;
    let end = plainEnd(this.#text, from);
    let text = this.#text.slice(from, end);
    this.#at++;
    // Long lines are folded by what writes them: the next lines go on with the text.
    while (!commentFollows(this.#text, end) && this.#goesOn(indent)) {
      const next = afterBlanks(this.#text, this.#starts[this.#at] ?? 0);
      end = plainEnd(this.#text, next);
      if (commentFollows(this.#text, end)) throw new NotPlain();
      text += ` ${this.#text.slice(next, end)}`;
      this.#at++;
    }
    return { kind: "scalar", line, value: resolveScalar(text), isLiteral: false };
  }

  #goesOn(indent: number): boolean {
    if (this.#at >= this.#end) return false;
    const start = this.#starts[this.#at] ?? 0;
    const from = afterBlanks(this.#text, start);
    const first = this.#text.charCodeAt(from);
    if (first === tab) throw new NotPlain();
    return from - start > indent && !isLineEnd(first) && first !== hash;
  }

  #scalar(value: ManifestScalar["value"]): ManifestScalar {
    return { kind: "scalar", line: this.#at + 1, value, isLiteral: false };
  }

  #taken(node: ManifestNode): ManifestNode {
    this.#at++;
    return node;
  }
}

const literalHeader = /^\|([+-]?) *(?: #.*)?$/;
