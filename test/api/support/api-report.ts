import type { DeclarationFile } from "./declarations.ts";
import { type PublicSymbol, packageImports, publicSymbols, reachedFrom } from "./public-symbols.ts";

/** All that other programs can use, with its types and comments, as a page for people. */
export function renderApi(files: ReadonlyMap<string, DeclarationFile>): string {
  const core = publicSymbols(files, "core/index.ts");
  const all = publicSymbols(files, "index.ts");
  const edges = new Map([...all].filter(([name]) => !core.has(name)));
  const reached = reachedFrom(files, all.values());
  const imports = packageImports(files, [...all.values(), ...reached]);
  return [
    "# The library's API",
    "",
    "Every public symbol with its type, as tsc writes it. `npm run api` makes this page from the code, and a test holds it",
    "equal: a change here is a change for whoever builds on the library. [`library.md`](library.md) has recipes.",
    "",
    "## `charlie-plugin-mediawiki/core`",
    "",
    "No Node built-ins: it runs wherever JavaScript does.",
    "",
    ...section(core),
    "## `charlie-plugin-mediawiki`",
    "",
    "All of the above, and:",
    "",
    ...section(edges),
    "## Named by these, and not exported",
    "",
    "```ts",
    ...imports,
    ...reached.toSorted(byName).flatMap((symbol) => ["", ...block(symbol)]),
    "```",
    "",
  ].join("\n");
}

function section(symbols: ReadonlyMap<string, PublicSymbol>): readonly string[] {
  const sorted = [...symbols].sort(([a], [b]) => order(a, b));
  return sorted.flatMap(([name, symbol]) => [`### \`${name}\``, "", "```ts", ...block(symbol), "```", ""]);
}

function block({ doc, text }: PublicSymbol): readonly string[] {
  return doc === "" ? [text] : [doc, text];
}

function byName(a: PublicSymbol, b: PublicSymbol): number {
  return order(a.name, b.name) || order(a.file, b.file);
}

/** Not by the locale: the page is the same everywhere. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
