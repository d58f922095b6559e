import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { expect, inject, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };

const { files, size, unpackedSize } = inject("contents");
const installed = join(inject("project"), "node_modules/charlie-plugin-mediawiki");

/** Everything that may be in the package, and why it is there. */
const kinds: Readonly<Record<string, RegExp>> = {
  "what npm and people want": /^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/,
  "the library": /^dist\/(index|plugin|(core|core\/[a-z-]+|io|simulation)\/[a-z0-9-]+)\.js$/,
  "its types": /^dist\/(index|plugin|(core|core\/[a-z-]+|io|simulation)\/[a-z0-9-]+)\.d\.ts$/,
  "the command and the plugin": /^dist\/bundle\/(charlie-mediawiki|plugin|[a-z-]+-[A-Z0-9]{8})\.js$/,
  "what the licences of packages in them ask for": /^dist\/bundle\/THIRD-PARTY-NOTICES\.txt$/,
  "what they read": /^(plugin\.json|registry\.yaml|fixtures\/inventories\/services-[a-z]+\.json)$/,
  "schemas for editors and other programs": /^(registry\.schema\.json|schemas\/[a-z.-]+\.json)$/,
  "docs and their examples": /^docs\/([a-z-]+\.md|examples\/[a-z_-]+\.(ts|py))$/,
};

it("holds nothing but what it needs", () => {
  const others = files.filter((file) => !Object.values(kinds).some((kind) => kind.test(file)));
  expect(others).toEqual([]);
  const missing = Object.entries(kinds).filter(([, kind]) => !files.some((file) => kind.test(file)));
  expect(missing.map(([what]) => what)).toEqual([]);
});

it("has types for each module of the library", () => {
  const modules = files.filter((file) => kinds["the library"]?.test(file));
  expect(
    modules.map((file) => file.replace(/\.js$/, ".d.ts")).filter((file) => !files.includes(file)),
  ).toEqual([]);
});

it("is small: 1 MB to fetch, 4 MB on disk", () => {
  expect(size).toBeLessThan(1_000_000);
  expect(unpackedSize).toBeLessThan(4_000_000);
});

it("names each package whose code is in the command, with its copyright", async () => {
  const notices = await readFile(join(installed, "dist/bundle/THIRD-PARTY-NOTICES.txt"), "utf8");
  const named = new Set(
    [...notices.matchAll(/(?:^|, )(@?[a-z][\w./-]*) \d+\.\d+\.\d+/gm)].map(([, name]) => name),
  );
  // Whatever the command needs is in its bundle: nothing else is loaded when it runs.
  expect(Object.keys(packageJson.dependencies).filter((name) => !named.has(name))).toEqual([]);
  const parts = notices.split(`\n${"-".repeat(80)}\n\n`).slice(1);
  expect(parts.filter((part) => !/copyright|apache license/i.test(part))).toEqual([]);
});

it("is as publint wants it", async () => {
  const { messages, pkg } = await publint({ pkgDir: installed, pack: false, strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

it("has types that are right for ES modules and for bundlers", async () => {
  const tarball = createPackageFromTarballData(await readFile(inject("tarball")));
  // It has no CommonJS, so the two ways of TypeScript that want some are not asked for; and this is no module.
  const checked = await checkPackage(tarball, { excludeEntrypoints: ["./registry.yaml"] });
  if (!checked.types) throw new Error("it has no types");
  const problems = checked.problems.filter(
    (problem) => !("resolutionKind" in problem && ["node10", "node16-cjs"].includes(problem.resolutionKind)),
  );
  expect(problems).toEqual([]);
  expect(Object.keys(checked.entrypoints)).toContain("./core");
});
