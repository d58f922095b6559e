import { NotPlain } from "../common/not-plain.ts";
import { deepestNesting, type ManifestNode, type ManifestScalar } from "./manifest-tree.ts";
import { quotedEnd, quotedText } from "./manifest-yaml-line.ts";

/**
 * Reads a document of JSON, as `kubectl get --output json` writes one of all objects at once. Undefined where it is
 * anything else: the real parser of YAML reads JSON too, and says what is wrong, but takes a hundred times as long, and
 * no document that is longer than people write.
 *
 * @param text of one document
 * @param firstLine the number of its first line
 */
export function readJsonManifest(text: string, firstLine: number): ManifestNode | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return new JsonReader(text, firstLine).whole();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

class JsonReader {
  readonly #text: string;
  #line: number;
  #at = 0;

  constructor(text: string, line: number) {
    this.#text = text;
    this.#line = line;
  }

  whole(): ManifestNode {
    const node = this.#value(0);
    if (this.#next() !== undefined) throw new NotPlain();
    return node;
  }

  #value(depth: number): ManifestNode {
    if (depth > deepestNesting) throw new NotPlain();
    const first = this.#next();
    if (first === "{") return this.#map(depth);
    if (first === "[") return this.#list(depth);
    return this.#scalar(first === '"' ? this.#quoted() : this.#word());
  }

  #map(depth: number): ManifestNode {
    const line = this.#line;
    const keys: string[] = [];
    const values: ManifestNode[] = [];
    for (this.#at++; this.#next() !== "}"; this.#separator("}")) {
      if (this.#next() !== '"') throw new NotPlain();
      const key = this.#quoted();
      if (key === "<<" || this.#next() !== ":") throw new NotPlain();
      this.#at++;
      keys.push(key);
      values.push(this.#value(depth + 1));
    }
    this.#at++;
    return { kind: "map", line, keys, values };
  }

  #list(depth: number): ManifestNode {
    const line = this.#line;
    const items: ManifestNode[] = [];
    for (this.#at++; this.#next() !== "]"; this.#separator("]")) items.push(this.#value(depth + 1));
    this.#at++;
    return { kind: "list", line, items };
  }

  #separator(close: "]" | "}"): void {
    const next = this.#next();
    if (next !== "," && next !== close) throw new NotPlain();
    if (next === ",") this.#at++;
  }

  #quoted(): string {
    const end = quotedEnd(this.#text, this.#at);
    const text = quotedText(this.#text.slice(this.#at, end));
    this.#at = end;
    return text;
  }

  #word(): ManifestScalar["value"] {
    word.lastIndex = this.#at;
    const found = word.exec(this.#text)?.[0];
    if (found === undefined) throw new NotPlain();
    this.#at = word.lastIndex;
    if (found === "null") return null;
    return found === "true" || found === "false" ? found === "true" : Number(found);
  }

  /** The next mark that is no blank; undefined at the end. */
  #next(): string | undefined {
    for (; ; this.#at++) {
      const mark = this.#text[this.#at];
      if (mark === "\n") this.#line++;
      else if (mark !== " " && mark !== "\t") return mark;
    }
  }

  #scalar(value: ManifestScalar["value"]): ManifestNode {
    return { kind: "scalar", line: this.#line, value, isLiteral: false };
  }
}

const word = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.+-])/y;
