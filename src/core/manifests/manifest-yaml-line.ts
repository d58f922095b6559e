import { NotPlain } from "../common/not-plain.ts";
import type { ManifestNode } from "./manifest-tree.ts";
import { backslash, doubleQuote, isLineEnd } from "./manifest-yaml-mark.ts";
import { resolveScalar } from "./manifest-yaml-scalar.ts";

/** Deeper brackets in one line are nobody's chart. */
const deepest = 20;

/**
 * Reads brackets that are closed in the same line: `["a", 'b', c]`, `{a: b, "c": []}`.
 *
 * @throws NotPlain where they hold anything else
 */
export function readFlow(
  text: string,
  { from, line }: { readonly from: number; readonly line: number },
): { readonly node: ManifestNode; readonly end: number } {
  const reader = new FlowReader(text, from, line);
  const node = reader.value(0);
  return { node, end: reader.at };
}

/** @throws NotPlain where no quote ends it in this line */
export function quotedEnd(text: string, from: number): number {
  const quote = text.charCodeAt(from);
  for (let at = from + 1; ; at++) {
    const code = text.charCodeAt(at);
    if (isLineEnd(code)) throw new NotPlain();
    if (code === backslash && quote === doubleQuote) at++;
    else if (code === quote && (quote === doubleQuote || text.charCodeAt(at + 1) !== quote)) return at + 1;
    else if (code === quote) at++;
  }
}

/** What stands between quotes. @throws NotPlain where it holds marks that JSON does not know */
export function quotedText(quoted: string): string {
  const inner = quoted.slice(1, -1);
  if (inner.includes("\t")) throw new NotPlain();
  if (quoted.startsWith("'")) return inner.replaceAll("''", "'");
  if (!inner.includes("\\")) return inner;
  try {
    return String(JSON.parse(quoted));
  } catch {
    throw new NotPlain();
  }
}

/** A text in brackets that ends where the next mark is, whatever comes behind it. */
const plainText = /[A-Za-z0-9_./$=+-][\w./$=+ -]*/y;

class FlowReader {
  at: number;
  readonly #text: string;
  readonly #line: number;

  constructor(text: string, at: number, line: number) {
    this.#text = text;
    this.at = at;
    this.#line = line;
  }

  value(depth: number): ManifestNode {
    if (depth > deepest) throw new NotPlain();
    const first = this.#peek();
    if (first === "[") return this.#list(depth);
    if (first === "{") return this.#map(depth);
    if (first === '"' || first === "'") return this.#scalar(this.#quoted());
    return this.#scalar(resolveScalar(this.#plain()));
  }

  #list(depth: number): ManifestNode {
    const items: ManifestNode[] = [];
    this.at++;
    while (this.#peek() !== "]") {
      items.push(this.value(depth + 1));
      this.#separator("]");
    }
    this.at++;
    return { kind: "list", line: this.#line, items };
  }

  #map(depth: number): ManifestNode {
    const keys: string[] = [];
    const values: ManifestNode[] = [];
    this.at++;
    while (this.#peek() !== "}") {
      const first = this.#peek();
      const key = first === '"' || first === "'" ? this.#quoted() : this.#plain();
      if (this.#peek() !== ":" || this.#text[this.at + 1] !== " " || key === "<<") throw new NotPlain();
      this.at++;
      keys.push(key);
      values.push(this.value(depth + 1));
      this.#separator("}");
    }
    this.at++;
    return { kind: "map", line: this.#line, keys, values };
  }

  #separator(close: "]" | "}"): void {
    const next = this.#peek();
    if (next === ",") this.at++;
    else if (next !== close) throw new NotPlain();
  }

  #quoted(): string {
    const end = quotedEnd(this.#text, this.at);
    const text = quotedText(this.#text.slice(this.at, end));
    this.at = end;
    return text;
  }

  #plain(): string {
    plainText.lastIndex = this.at;
    const text = plainText.exec(this.#text)?.[0].trimEnd();
    if (text === undefined || /^-(?: |$)/.test(text)) throw new NotPlain();
    this.at = plainText.lastIndex;
    return text;
  }

  #peek(): string | undefined {
    while (this.#text[this.at] === " ") this.at++;
    return this.#text[this.at];
  }

  #scalar(value: string | number | boolean | null): ManifestNode {
    return { kind: "scalar", line: this.#line, value, isLiteral: false };
  }
}
