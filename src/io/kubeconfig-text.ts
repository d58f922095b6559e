import { parse, YAMLParseError } from "yaml";

/**
 * What is wrong with a text that is no kubeconfig at all; undefined where it may be one. Says nothing of the text itself,
 * which may hold secrets.
 */
export function faultOfKubeconfigText(text: string): string | undefined {
  let content: unknown;
  try {
    content = parse(text, { logLevel: "error" });
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    const place = error.linePos?.[0];
    return place === undefined ? "it is no YAML" : `it is no YAML at line ${place.line}, column ${place.col}`;
  }
  const keys = typeof content === "object" && content !== null ? Object.keys(content) : [];
  return keys.includes("clusters") || keys.includes("contexts")
    ? undefined
    : "it is no kubeconfig: expected a map with clusters, users and contexts";
}
