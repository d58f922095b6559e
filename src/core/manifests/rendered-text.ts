import { mayNameService } from "./dns-mention.ts";
import type { ManifestDocument } from "./manifest-documents.ts";
import type { ManifestNode } from "./manifest-tree.ts";

/** A text of a manifest that may mention what other releases make. */
export interface RenderedText {
  readonly text: string;
  /** Of its first character, or of the mark before a literal block, in the whole file. */
  readonly line: number;
  /** The line of the file as it is written; absent for a literal block, whose lines are those of the text. */
  readonly written?: string;
}

/** The text of a scalar; undefined where it is none. */
export function renderedText(
  node: ManifestNode | undefined,
  document: ManifestDocument,
): RenderedText | undefined {
  if (node?.kind !== "scalar" || node.value === null) return undefined;
  const { line, isLiteral } = node;
  const text = String(node.value);
  return isLiteral ? { text, line } : { text, line, written: document.lineText(line) };
}

/** The texts below a node that may name a Service by DNS. Keys are names of fields, and mention nothing. */
export function dnsTextsBelow(node: ManifestNode | undefined, document: ManifestDocument): RenderedText[] {
  const texts: RenderedText[] = [];
  collect(node, { document, texts });
  return texts;
}

function collect(
  node: ManifestNode | undefined,
  into: { readonly document: ManifestDocument; readonly texts: RenderedText[] },
): void {
  if (node === undefined) return;
  if (node.kind === "map") for (const child of node.values) collect(child, into);
  else if (node.kind === "list") for (const item of node.items) collect(item, into);
  else if (typeof node.value === "string" && mayNameService(node.value)) {
    const text = renderedText(node, into.document);
    if (text) into.texts.push(text);
  }
}

/** The place of a line of a text in its file. Lines of the text are counted from 0. */
export function placeOfLine(
  { line, written }: RenderedText,
  within: { readonly line: number; readonly lineText: string },
): { readonly line: number; readonly text: string } {
  if (written !== undefined) return { line, text: shown(written) };
  return { line: line + 1 + within.line, text: shown(within.lineText) };
}

/** A line as it is shown: without its indentation, and not without end. */
export function shown(line: string): string {
  const text = line.trim();
  return text.length <= longestShown ? text : `${text.slice(0, longestShown - 1)}…`;
}

const longestShown = 200;
