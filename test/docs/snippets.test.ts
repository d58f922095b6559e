import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { manifestSchema } from "../../src/core/hooks/plugin-manifest.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { loadPages, repository } from "./support/markdown.ts";

const pages = loadPages();
const blocks = pages.flatMap((page) => page.blocks);
const inLanguage = (language: string) => blocks.filter((block) => block.language === language);

/** `sh` and `console` are run by commands.test.ts, `ts` is type-checked by test/api; what has no language is a picture, or the form of some JSON. */
const languages = ["", "console", "json", "python", "sh", "ts", "yaml"];

/** The file that a block says it is: `file=examples/classify.ts`. */
const fileOf = (rest: string) => /^file=(\S+)$/.exec(rest)?.[1];

it("every block is in a language that is checked", () => {
  expect([...new Set(blocks.map(({ language }) => language))].sort()).toEqual(languages);
});

describe("a block that says which file it is", () => {
  it.each(blocks.filter(({ rest }) => rest !== ""))("$place: $rest", ({ rest, text }) => {
    expect(`${text}\n`).toBe(readFileSync(join(repository, "docs", fileOf(rest) ?? ""), "utf8"));
  });

  it("is there for every recipe", () => {
    const shown = blocks.flatMap(({ rest }) => fileOf(rest) ?? []);
    const recipes = readdirSync(join(repository, "docs/examples")).filter((name) => name.endsWith(".ts"));
    expect([...new Set(shown)].sort()).toEqual(recipes.map((name) => `examples/${name}`).sort());
  });
});

describe("YAML is a part of a registry, and a sound one", () => {
  it.each(inLanguage("yaml"))("$place", ({ place, text }) => {
    const registry = parseRegistry({
      file: place,
      text: /^version:/m.test(text) ? text : `version: 1\n${text}`,
    });
    expect(registry.ok ? "" : renderDiagnostics(registry.failure)).toBe("");
  });
});

describe("JSON", () => {
  it.each(inLanguage("json"))("$place", ({ text }) => {
    const value: unknown = JSON.parse(text);
    // A manifest says by which version of the hooks it goes.
    if (text.includes('"apiVersion"')) expect(manifestSchema.safeParse(value).error).toBeUndefined();
  });
});

const hasPython = spawnSync("python3", ["--version"]).status === 0;

describe.skipIf(!hasPython)("Python compiles", () => {
  const examples = readdirSync(join(repository, "docs/examples")).filter((name) => name.endsWith(".py"));
  const texts = [
    ...inLanguage("python").map(({ place, text }) => ({ place, text })),
    ...examples.map((name) => ({
      place: `docs/examples/${name}`,
      text: readFileSync(join(repository, "docs/examples", name), "utf8"),
    })),
  ];
  it.each(texts)("$place", ({ text }) => {
    const folder = temporaryFolder({ "block.py": text });
    const { status, stderr } = spawnSync("python3", ["-m", "py_compile", "block.py"], {
      cwd: folder,
      encoding: "utf8",
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});
