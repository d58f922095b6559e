import { groupedBy } from "../common/grouped-by.ts";
/** Commands for one thing, for example for one service. */
export interface ShellItem {
  readonly name: string;
  /** What is to be typed, in one go: each line but the last goes on in the next. */
  readonly lines: readonly string[];
}

/** Below so many of the same form, commands that are written out read better than a loop. */
const worthLooping = 3;

/** How long a line of names in a loop gets. */
const lineWidth = 100;

/**
 * Writes commands for a shell to read: those that differ only by the name of their thing become one loop, which runs
 * exactly the same commands. A loop stands where its first command stood: for things whose order does not matter.
 *
 * @param options.variable what the loop calls the name
 * @param options.onFailure what is said of a command of a loop that failed; a loop goes on
 * @returns blocks of lines, each a command or a loop
 */
export function shellBlocks(
  items: readonly ShellItem[],
  options: { readonly variable: string; readonly onFailure?: boolean },
): string[][] {
  const groups = groupedBy(
    items,
    (item) => templateOf(item, options.variable)?.join("\n") ?? `${item.name}\n\n${item.lines.join("\n")}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    const template = first && templateOf(first, options.variable);
    const names = new Set(group.map(({ name }) => name));
    return template && names.size === group.length && group.length >= worthLooping
      ? [loop([...names], template, options)]
      : group.map(({ lines }) => [...lines]);
  });
}

/**
 * The lines with a variable in place of the name; undefined where that cannot be written safely. Whatever is replaced,
 * the shell puts the name back in its place, so the commands stay what they were.
 */
function templateOf({ name, lines }: ShellItem, variable: string): string[] | undefined {
  const text = lines.join("\n");
  // Within quotes a variable may stay one, and what a shell expands by itself must not come up by chance.
  if (!/^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(name) || /['"`$]/.test(text)) return undefined;
  const whole = new RegExp(`(?<![A-Za-z0-9])${name.replace(/[.]/g, "\\$&")}(?![A-Za-z0-9])`, "g");
  return whole.test(text) ? lines.map((line) => line.replace(whole, `\${${variable}}`)) : undefined;
}

function loop(
  names: readonly string[],
  template: readonly string[],
  { variable, onFailure = false }: { readonly variable: string; readonly onFailure?: boolean },
): string[] {
  const oneLine = `for ${variable} in ${names.join(" ")}; do`;
  const head = oneLine.length <= lineWidth ? [oneLine] : wrapped(names, variable);
  const end = onFailure ? ` || echo "failed: \${${variable}}"` : "";
  const body = template.map((line, at) => `  ${line}${at === template.length - 1 ? end : ""}`);
  return [...head, ...body, "done"];
}

function wrapped(names: readonly string[], variable: string): string[] {
  const rows = inRows(names).map((row) => `  ${row}`);
  const lines = rows.map((row, at) => `${row}${at === rows.length - 1 ? "; do" : " \\"}`);
  return [`for ${variable} in \\`, ...lines];
}

/** Words in rows that a page can show. */
export function inRows(words: readonly string[]): string[] {
  const rows: string[] = [];
  for (const word of words) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + word.length < lineWidth)
      rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(word);
  }
  return rows;
}
