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
      const [isKey, inline = ""] = /^["']?environments["']?\s*:\s*(.*)/.exec(line) ?? [];
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
  return withoutActionLines(withoutComments(text))
    .split("\n")
    .map((line) => line.trimEnd());
}

// One pattern from begin to end would try each begin with all of the text that follows it.
function withoutComments(text: string): string {
  const begins = /\{\{-?\s*\/\*/g;
  const ends = /\*\/\s*-?\}\}/g;
  let kept = "";
  let at = 0;
  for (let begin = begins.exec(text); begin; begin = begins.exec(text)) {
    ends.lastIndex = begins.lastIndex;
    const end = ends.exec(text);
    if (!end) break;
    kept += text.slice(at, begin.index);
    at = ends.lastIndex;
    begins.lastIndex = at;
  }
  return kept + text.slice(at);
}

/** Without the actions that nothing else stands beside on their lines. */
function withoutActionLines(text: string): string {
  const [first = "", ...others] = text.split("}}");
  let kept = "";
  let piece = first;
  let beginsLine = true;
  for (const next of others) {
    const begin = (beginsLine ? /(?:^|\n)[ \t]*\{\{/ : /\n[ \t]*\{\{/).exec(piece);
    const isAlone = /^[ \t]*(?:[\r\n]|$)/.test(next);
    kept +=
      begin && isAlone ? piece.slice(0, begin.index + (begin[0].startsWith("\n") ? 1 : 0)) : `${piece}}}`;
    piece = next;
    beginsLine = false;
  }
  return kept + piece;
}

/** `{eqiad: {}, codfw: {}}` behind the key; undefined where it is something else. */
function flowNames(inline: string): string[] | undefined {
  const text = inline.replace(/(?<!\s)\s+#.*$|^#.*$/, "").trim();
  if (text === "") return [];
  if (text.includes("{{")) return undefined;
  const inner = /^\{(.*)\}$/.exec(text)?.[1];
  if (inner === undefined) return undefined;
  return [...withoutNested(inner).matchAll(/([A-Za-z0-9][-\w.]*)["']?\s*:/g)].map((match) => match[1] ?? "");
}

/** Without what stands in braces and brackets. */
function withoutNested(text: string): string {
  let depth = 0;
  let kept = "";
  for (const character of text) {
    if (/[{[]/.test(character)) depth += 1;
    else if (/[}\]]/.test(character)) depth = Math.max(0, depth - 1);
    else if (depth === 0) kept += character;
  }
  return kept;
}
