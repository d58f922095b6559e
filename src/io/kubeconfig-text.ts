import type { Diagnostic } from "../core/common/diagnostic.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import { parseYamlTree } from "../core/yaml/yaml-reader.ts";
import { fileLimits } from "../core/yaml/yaml-syntax.ts";
import { plainOf } from "../core/yaml/yaml-tree.ts";

/** Whether a text is longer than any kubeconfig: some hundred clusters with their certificates are less. */
export function isTooLong(text: string): boolean {
  return text.length > fileLimits.mebibytes * 1024 * 1024;
}

export const tooLong = `it is longer than ${fileLimits.mebibytes} MiB`;

/**
 * What a text holds that may be a kubeconfig; else what is wrong with it. Says nothing of the text itself, which may hold
 * secrets.
 */
export function parseKubeconfigText(text: string): Result<unknown, string> {
  if (isTooLong(text)) return fail(tooLong);
  const { root, faults } = parseYamlTree({ file: "kubeconfig", text });
  const [fault] = faults.filter(({ code }) => !known.has(code));
  if (fault) return fail(describe(fault));
  const content = root && plainOf(root);
  const keys = typeof content === "object" && content !== null ? Object.keys(content) : [];
  return keys.includes("clusters") || keys.includes("contexts")
    ? ok(content)
    : fail("it is no kubeconfig: expected a map with clusters, users and contexts");
}

/** What kubectl bears, and files that people write for us need not have. */
const known: ReadonlySet<string> = new Set(["merge-key", "key-not-text"]);

function describe({ code, message, place }: Diagnostic): string {
  if (code === "not-utf8") return "it is not UTF-8";
  const at = place ? ` at line ${place.line}, column ${place.column}` : "";
  if (quotesNothing.has(code)) return `${message}${at}`;
  return `${withoutQuotes.get(code) ?? "it is no YAML"}${at}`;
}

/** Their messages have no part of the text. */
const quotesNothing: ReadonlySet<string> = new Set(["too-deep", "too-many-values", "several-documents"]);

const withoutQuotes: ReadonlyMap<string, string> = new Map([
  ["duplicate-key", "a key stands twice in one map"],
  ["unknown-anchor", "an alias has no anchor above it"],
  ["endless-alias", "an alias stands for what it is a part of"],
]);
