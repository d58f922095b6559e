import type { Diagnostic } from "../common/diagnostic.ts";
import { type PlaceAt, placesOf, type SourceText } from "../common/places.ts";
import { parseComposedManifest } from "./composed-manifest.ts";
import { readJsonManifest } from "./json-manifest.ts";
import type { ManifestNode } from "./manifest-tree.ts";
import { readBlockYaml } from "./manifest-yaml.ts";
import { type LineSpan, lineOf, type TextLines, textLines, textOfSpan } from "./text-lines.ts";

/** One YAML document of a text of several. */
export interface ManifestDocument {
  readonly root: ManifestNode;
  /** The line of the whole text with that number; empty where there is none. */
  readonly lineText: (number: number) => string;
  /** Whether a key or a text of it may have that word in it; false for most words, without a look at each. */
  readonly mayHold: (word: string) => boolean;
}

/** Reads a text of YAML documents, one after the other. Those that are no YAML are faults, and the others go on. */
export function readManifestDocuments({ file, text }: SourceText): {
  readonly documents: readonly ManifestDocument[];
  readonly faults: readonly Diagnostic[];
} {
  const plain = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const lines = textLines(plain);
  const lineText = (number: number): string => lineOf(lines, number - 1);
  // Only what the fast reader leaves needs them.
  let placeAt: PlaceAt | undefined;
  const documents: ManifestDocument[] = [];
  const faults: Diagnostic[] = [];
  for (const span of documentsOf(lines)) {
    const own = textOfSpan(lines, span);
    // Letters can be written as escapes, too.
    const mayHold = (word: string): boolean => own.includes(word) || own.includes("\\");
    const firstLine = span.from + 1;
    const fast = readBlockYaml(lines, span) ?? readJsonManifest(own, firstLine);
    if (fast) {
      const isEmpty = fast.kind === "scalar" && fast.value === null;
      if (!isEmpty) documents.push({ root: fast, lineText, mayHold });
      continue;
    }
    placeAt ??= placesOf({ file, text: plain });
    const start = lines.starts[span.from] ?? 0;
    const slow = parseComposedManifest(own.endsWith("\n") ? own : `${own}\n`, { firstLine, start, placeAt });
    faults.push(...slow.faults);
    if (slow.root) documents.push({ root: slow.root, lineText, mayHold });
  }
  return { documents, faults };
}

/** Which lines each document has. A marker in column 1 cannot be part of a text: those are indented. */
function documentsOf(lines: TextLines): LineSpan[] {
  const spans: LineSpan[] = [];
  const count = lines.starts.length - 1;
  let from = 0;
  for (let at = 0; at < count; at++) {
    if (!mayBeMarker.has(lines.text.charCodeAt(lines.starts[at] ?? 0))) continue;
    const [, marker, rest = ""] = documentMarker.exec(lineOf(lines, at)) ?? [];
    if (marker === undefined) continue;
    if (at > from) spans.push({ from, end: at });
    // What stands behind the marker belongs to the document that it begins.
    from = rest === "" || rest.startsWith("#") || marker !== "---" ? at + 1 : at;
  }
  if (count > from) spans.push({ from, end: count });
  return spans;
}

/** The begin of a document, its end, or a directive, which says nothing that matters here. */
const documentMarker = /^(---|\.\.\.|%(?=[A-Z]))(?:(?<=%)|[ \t]+|$)(.*)$/;
const mayBeMarker: ReadonlySet<number> = new Set([..."-.%"].map((mark) => mark.charCodeAt(0)));
