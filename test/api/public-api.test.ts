import { beforeAll, expect, it } from "vitest";
import { renderApi } from "./support/api-report.ts";
import { type DeclarationFile, emitDeclarations } from "./support/declarations.ts";
import { type PublicSymbol, publicSymbols } from "./support/public-symbols.ts";

let files: ReadonlyMap<string, DeclarationFile>;
let symbols: readonly PublicSymbol[];

beforeAll(async () => {
  files = await emitDeclarations();
  symbols = [...publicSymbols(files, "index.ts").values()];
}, 120_000);

it("is what docs/api.md says (`npm run api` writes it anew)", async () => {
  await expect(renderApi(files)).toMatchFileSnapshot("../../docs/api.md");
});

it("says of every symbol what it means", () => {
  const silent = symbols.filter(({ doc }) => !/\w/.test(doc.split("@example")[0] ?? ""));
  expect(silent.map(where)).toEqual([]);
});

it("shows how to call every function that takes more than one thing", () => {
  const withoutExample = symbols.filter(({ parameters, doc }) => parameters > 1 && !doc.includes("@example"));
  expect(withoutExample.map(where)).toEqual([]);
});

it("says of every option what it does, and what happens without it", () => {
  const options = symbols.filter(({ name }) => name.endsWith("Options"));
  const faults = options.flatMap((symbol) =>
    symbol.members.flatMap(({ name, doc, optional }) => {
      if (doc === "") return [`${where(symbol)}: ${name} has no comment`];
      return optional && !doc.includes("@default") ? [`${where(symbol)}: ${name} has no @default`] : [];
    }),
  );
  expect(options).not.toEqual([]);
  expect(faults).toEqual([]);
});

function where({ name, file }: PublicSymbol): string {
  return `${name} (src/${file})`;
}
