import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const repository: string = fileURLToPath(new URL("../../../", import.meta.url));

/** A page of the docs, taken apart. */
export interface Page {
  /** Relative to the repository. */
  readonly file: string;
  readonly blocks: readonly Block[];
  /** Text of each line that is in no block; empty for the others. */
  readonly prose: readonly string[];
}

/** A fenced block. */
export interface Block {
  /** `file:line` of its first line, for messages. */
  readonly place: string;
  readonly language: string;
  /** What stands behind the language. */
  readonly rest: string;
  readonly text: string;
}

/** Made from the code, and held equal to it by a test of its own. */
const generated = "docs/api.md";

/** README.md and all of docs/ that people write. */
export function loadPages(): readonly Page[] {
  const docs = readdirSync(join(repository, "docs")).filter((name) => name.endsWith(".md"));
  const files = ["README.md", ...docs.map((name) => `docs/${name}`)].filter((file) => file !== generated);
  return files.map((file) => parsePage(file, readFileSync(join(repository, file), "utf8")));
}

export function parsePage(file: string, text: string): Page {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { indent: string; language: string; rest: string; line: number; lines: string[] } | undefined;
  text.split("\n").forEach((line, at) => {
    const fence = /^(\s*)```(\S*)\s*(.*)$/.exec(line);
    prose.push(open || fence ? "" : line);
    if (!open && fence) {
      const [, indent = "", language = "", rest = ""] = fence;
      open = { indent, language, rest, line: at + 2, lines: [] };
    } else if (open && fence) {
      const { language, rest, lines } = open;
      blocks.push({ place: `${file}:${open.line}`, language, rest, text: lines.join("\n") });
      open = undefined;
    } else if (open) {
      open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    }
  });
  if (open) throw new Error(`${file}:${open.line}: a block that does not end`);
  return { file, blocks, prose };
}

/** The anchors of a page, as GitHub makes them of its headings. */
export function anchorsOf({ prose }: Page): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const line of prose) {
    const heading = /^#{1,6} (.+)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const anchor = words.replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
    let free = anchor;
    for (let more = 1; anchors.has(free); more++) free = `${anchor}-${more}`;
    anchors.add(free);
  }
  return anchors;
}

/** Targets of links, with their lines; what is in backquotes is no link. */
export function linksOf({
  file,
  prose,
}: Page): readonly { readonly place: string; readonly target: string }[] {
  return prose.flatMap((line, at) => {
    const words = line.replace(/`[^`]*`/g, (code) => (code.includes("](") ? "" : code));
    return [...words.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => ({
      place: `${file}:${at + 1}`,
      target,
    }));
  });
}

/** What stands in backquotes, each on one line. */
export function codeOf({ file, prose }: Page): readonly { readonly place: string; readonly text: string }[] {
  return prose.flatMap((line, at) =>
    [...line.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => ({ place: `${file}:${at + 1}`, text })),
  );
}
