/** The environments that a helmfile's own text defines. */
export interface DefinedEnvironments {
  readonly names: readonly string[];
  /** Whether the text has the key `environments` and each name in it is plain: then there are no others. */
  readonly isComplete: boolean;
}

/**
 * Reads the names below the top-level key `environments` from a helmfile's text, without rendering it: lines of Go
 * templates are skipped. A name that a template makes is not seen, and then the answer is not complete.
 */
export function environmentsDefinedIn(text: string): DefinedEnvironments {
  const names = new Set<string>();
  let isComplete = true;
  let hasKey = false;
  let isInside = false;
  let indent: number | undefined;
  for (const line of linesOf(text)) {
    if (/^[^\s#]/.test(line)) {
      const [isKey, inline = ""] = /^["']?environments["']?\s*:\s*(.*)$/.exec(line) ?? [];
      isInside = isKey !== undefined;
      indent = undefined;
      if (!isInside) continue;
      hasKey = true;
      const flow = flowNames(inline);
      if (flow === undefined) isComplete = false;
      for (const name of flow ?? []) names.add(name);
    } else if (isInside && /^\s+[^\s#]/.test(line)) {
      const own = line.search(/\S/);
      indent ??= own;
      if (own !== indent) continue;
      const name = /^\s+(["']?)([A-Za-z0-9][-\w.]*)\1\s*:(?:\s|$)/.exec(line)?.[2];
      if (name === undefined) isComplete = false;
      else names.add(name);
    }
  }
  return { names: [...names].sort(), isComplete: isComplete && hasKey };
}

/** The lines without those of Go templates; an action may go over several. */
function linesOf(text: string): string[] {
  const withoutComments = text.replace(/\{\{-?\s*\/\*[\s\S]*?\*\/\s*-?\}\}/g, "");
  return withoutComments
    .replace(/^[ \t]*\{\{(?:(?!\}\})[\s\S])*\}\}[ \t]*$/gm, "")
    .split("\n")
    .map((line) => line.trimEnd());
}

/** `{eqiad: {}, codfw: {}}` behind the key; undefined where it is something else. */
function flowNames(inline: string): string[] | undefined {
  const text = inline.replace(/\s+#.*$|^#.*$/, "").trim();
  if (text === "") return [];
  if (text.includes("{{")) return undefined;
  let inner = /^\{(.*)\}$/.exec(text)?.[1];
  if (inner === undefined) return undefined;
  while (/\{[^{}]*\}|\[[^[\]]*\]/.test(inner)) inner = inner.replace(/\{[^{}]*\}|\[[^[\]]*\]/g, "");
  return [...inner.matchAll(/([A-Za-z0-9][-\w.]*)["']?\s*:/g)].map((match) => match[1] ?? "");
}
