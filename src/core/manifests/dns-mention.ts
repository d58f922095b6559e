/** A Service that a text names by DNS. */
export interface DnsMention {
  /** As it is written, without the domain: `statsd.mw-web`. */
  readonly name: string;
  readonly service: string;
  readonly namespace: string;
  /** Lines from the begin of the text on, counted from 0. */
  readonly line: number;
  /** That line. */
  readonly lineText: string;
}

/** Finds `service.namespace`, `service.namespace.svc` and `….svc.cluster.local` of the namespaces that there are. */
export function dnsMentionsIn(text: string, namespaces: ReadonlySet<string>): DnsMention[] {
  const found: DnsMention[] = [];
  // Nearly no text has any.
  let lines: LineWalk | undefined;
  for (let dot = text.indexOf("."); dot !== -1; dot = text.indexOf(".", dot + 1)) {
    const end = labelEnd(text, dot + 1);
    if (end === dot + 1 || end - dot > longestLabel) continue;
    const namespace = text.slice(dot + 1, end);
    if (!namespaces.has(namespace) || !endsName(text, end)) continue;
    const start = serviceStart(text, dot);
    if (start === dot) continue;
    lines ??= new LineWalk(text);
    const { line, lineText } = lines.at(dot);
    if (comment.test(lineText)) continue;
    const service = text.slice(start, dot);
    found.push({ name: `${service}.${namespace}`, service, namespace, line, lineText });
  }
  return found;
}

/** Whether it has a place at all where a Service might be named: most dots stand in versions, addresses and other domains. */
export function mayNameService(text: string): boolean {
  for (let dot = text.indexOf("."); dot !== -1; dot = text.indexOf(".", dot + 1)) {
    if (isOfLabel(text.charCodeAt(dot + 1)) && serviceStart(text, dot) < dot) return true;
  }
  return false;
}

const comment = /^\s*(?:#|;|\/\/)/;

const longestLabel = 64;

/** A longer name than this is one of another domain: `statsd.mw-web.example.org`. */
function endsName(text: string, end: number): boolean {
  const rest = text.slice(end, end + 5);
  return rest[0] !== "." || /^\.(?:svc(?![\w-])|[^a-z0-9]|$)/.test(rest);
}

function labelEnd(text: string, from: number): number {
  let end = from;
  while (isOfLabel(text.charCodeAt(end)) && end - from < longestLabel) end++;
  return end;
}

/** Where the name of a Service begins that ends before this dot; at the dot, where none does: it begins with a letter. */
function serviceStart(text: string, dot: number): number {
  let start = dot;
  while (isOfLabel(text.charCodeAt(start - 1))) start--;
  // A capital letter or an underscore before it: no name of a Service.
  return isLetter(text.charCodeAt(start)) && !/\w/.test(text[start - 1] ?? "") ? start : dot;
}

/** A lower-case letter, a digit, or a dash. */
function isOfLabel(code: number): boolean {
  return isLetter(code) || (code >= 48 && code <= 57) || code === 45;
}

function isLetter(code: number): boolean {
  return code >= 97 && code <= 122;
}

/** Goes through the lines of a text, forwards only: a text may be one long line, and may name a Service many times. */
class LineWalk {
  readonly #text: string;
  #line = -1;
  #lineText = "";
  #end = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** The line that an offset is in. */
  at(offset: number): { readonly line: number; readonly lineText: string } {
    while (this.#end < offset) {
      const start = this.#end + 1;
      const end = this.#text.indexOf("\n", start);
      this.#end = end === -1 ? this.#text.length : end;
      this.#line++;
      if (this.#end >= offset) this.#lineText = this.#text.slice(start, this.#end);
    }
    return { line: this.#line, lineText: this.#lineText };
  }
}
