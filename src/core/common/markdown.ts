/** A text as code within a line, whatever it holds: names come from outside. */
export function code(text: string): string {
  const line = onOneLine(text);
  const fence = "`".repeat(longestRun(line) + 1);
  // A space at each end keeps backticks of the text apart from those around it, and is not shown.
  return fence.length > 1 || line === "" || /^ .* $/.test(line) ? `${fence} ${line} ${fence}` : `\`${line}\``;
}

/** Names as code, with commas between. */
export function codes(names: readonly string[]): string {
  return names.map(code).join(", ");
}

/** Words for people that are not ours, so that nothing in them is taken for Markdown. */
export function prose(text: string): string {
  return onOneLine(text).replace(/[\\`*_{}[\]<>#|~]/g, "\\$&");
}

/** Lines for a shell. */
export function shellBlock(lines: readonly string[]): string {
  return block(lines, "sh");
}

/** Lines as they are, for example of a log. */
export function block(lines: readonly string[], language = "text"): string {
  const fence = "`".repeat(Math.max(3, ...lines.map((line) => longestRun(line) + 1)));
  return [`${fence}${language}`, ...lines, fence].join("\n");
}

/** A table of cells that are Markdown already. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

function onOneLine(text: string): string {
  return text.replace(/\s+/g, " ").replace(/\p{Cc}/gu, "\ufffd");
}
