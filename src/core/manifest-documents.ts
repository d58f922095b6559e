import { readBlockYaml } from "./block-yaml.ts";
import { parseComposedManifest } from "./composed-manifest.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { readJsonManifest } from "./json-manifest.ts";
import type { ManifestNode } from "./manifest-tree.ts";
import { type PlaceAt, placesOf, type SourceText } from "./places.ts";

/** One YAML document of a text of several. */
export interface ManifestDocument {
  readonly root: ManifestNode;
  /** The line of the whole text with that number; empty where there is none. */
  readonly lineText: (number: number) => string;
}

/** Reads a text of YAML documents, one after the other. Those that are no YAML are faults, and the others go on. */
export function readManifestDocuments({ file, text }: SourceText): {
  readonly documents: readonly ManifestDocument[];
  readonly faults: readonly Diagnostic[];
} {
  const plain = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
  const lines = plain.split("\n");
  if (lines.at(-1) === "") lines.pop();
  const lineText = (number: number): string => lines[number - 1] ?? "";
  // Only what the fast reader leaves needs them.
  let places: PlaceAt | undefined;
  const documents: ManifestDocument[] = [];
  const faults: Diagnostic[] = [];
  for (const { from, end } of documentsOf(lines)) {
    const own = lines.slice(from, end);
    const fast = readBlockYaml(own, from + 1) ?? readJsonManifest(own, from + 1);
    if (fast) {
      if (fast.kind !== "scalar" || fast.value !== null) documents.push({ root: fast, lineText });
      continue;
    }
    places ??= placesOf({ file, text: plain });
    const slow = parseComposedManifest(`${own.join("\n")}\n`, {
      firstLine: from + 1,
      lines,
      placeAt: places,
    });
    faults.push(...slow.faults);
    if (slow.root) documents.push({ root: slow.root, lineText });
  }
  return { documents, faults };
}

interface Span {
  readonly from: number;
  readonly end: number;
}

/** Which lines each document has. A marker in column 1 cannot be part of a text: those are indented. */
function documentsOf(lines: readonly string[]): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (!line.startsWith("---") && !line.startsWith("...") && !line.startsWith("%")) continue;
    const [, marker, rest = ""] = documentMarker.exec(line) ?? [];
    if (marker === undefined) continue;
    if (at > from) spans.push({ from, end: at });
    // What stands behind the marker belongs to the document that it begins.
    from = rest === "" || rest.startsWith("#") || marker !== "---" ? at + 1 : at;
  }
  if (lines.length > from) spans.push({ from, end: lines.length });
  return spans;
}

/** The begin of a document, its end, or a directive, which says nothing that matters here. */
const documentMarker = /^(---|\.\.\.|%(?=[A-Z]))(?:(?<=%)|[ \t]+|$)(.*)$/;
