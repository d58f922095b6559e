import { afterAll, beforeAll, expect, it } from "vitest";
import { loadPages } from "../docs/support/markdown.ts";
import { namesAtHand } from "../support/example-names.ts";
import { renderApi } from "./support/api-report.ts";
import { type EmittedDeclarations, emitDeclarations } from "./support/declarations.ts";
import { type PublicSymbol, publicSymbols } from "./support/public-symbols.ts";
import { typeCheck } from "./support/type-check.ts";

let declarations: EmittedDeclarations;
let symbols: readonly PublicSymbol[];

beforeAll(async () => {
  declarations = await emitDeclarations();
  symbols = [...publicSymbols(declarations.files, "index.ts").values()];
}, 300_000);
afterAll(() => declarations.remove());

it("is what docs/api.md says (`npm run api` writes it anew)", async () => {
  await expect(renderApi(declarations.files)).toMatchFileSnapshot("../../docs/api.md");
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

it("shows examples that type-check, as do the programs of the docs", { timeout: 300_000 }, async () => {
  const examples = symbols.flatMap((symbol) =>
    examplesOf(symbol).map((text) => ({ name: symbol.name, text })),
  );
  expect(examples.length).toBeGreaterThan(20);
  const values = symbols.filter(({ text }) => /^(function|const|class) /.test(text)).map(({ name }) => name);
  const types = symbols.map(({ name }) => name).filter((name) => !values.includes(name));
  const programs = examples.map(({ name, text }) => {
    const used = (names: readonly string[]) => names.filter((one) => new RegExp(`\\b${one}\\b`).test(text));
    const imports = [...used(values), ...[...used(types), ...typesOfGiven].map((one) => `type ${one}`)];
    return [
      `${name}.ts`,
      `import { ${[...new Set(imports)].join(", ")} } from "charlie-plugin-mediawiki";
import { fileURLToPath } from "node:url";
${given}
export async function example() {
${text}
}
`,
    ] as const;
  });
  const blocks = loadPages().flatMap((page) => page.blocks);
  const shown = blocks.filter(({ language, rest }) => language === "ts" && rest === "");
  expect(shown).not.toEqual([]);
  const all = {
    ...Object.fromEntries(programs),
    ...Object.fromEntries(shown.map(({ place, text }) => [`${place.replace(/\W/g, "-")}.ts`, text])),
    "wrong.ts": 'import { classify } from "charlie-plugin-mediawiki/core";\nclassify(1);\n',
  };
  // What is wrong on purpose is found, and nothing else.
  const wrong = expect.stringMatching(/^wrong\.ts\(2,1\): error TS2554/);
  expect(await typeCheck(all, declarations.folder)).toEqual([wrong]);
});

/** What the examples have at hand, as declarations, and the types of this package that these name. */
const given = Object.entries(namesAtHand)
  .map(([name, type]) => `declare const ${name}: ${type};\n`)
  .join("");
const typesOfGiven = given.match(/\b[A-Z]\w+/g)?.filter((name) => name !== "AbortSignal") ?? [];

function examplesOf({ doc }: PublicSymbol): readonly string[] {
  const lines = doc
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""));
  return lines
    .join("\n")
    .split("@example")
    .slice(1)
    .map((part) => part.split(/^@\w+/m)[0] ?? "");
}

function where({ name, file }: PublicSymbol): string {
  return `${name} (src/${file})`;
}
