import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "esbuild";
import { expect, inject, it } from "vitest";

const installed = join(inject("project"), "node_modules/charlie-plugin-mediawiki");

/** Flags, questions, colours; and the Kubernetes client, which has 700 ms of modules. */
const onlyForTheCommand = /^(commander|consola|@inquirer\/.*|@kubernetes\/client-node)$/;

/** Packages, and files of this one, that are loaded as soon as a module is imported. */
async function loadedWith(entry: string): Promise<{ files: readonly string[]; packages: readonly string[] }> {
  const { metafile } = await build({
    absWorkingDir: installed,
    entryPoints: [entry],
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    metafile: true,
    write: false,
  });
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const { path, kind, external } of metafile.inputs[file]?.imports ?? []) {
      if (kind !== "import-statement") continue;
      if (external !== true) files.add(path);
      else if (!path.startsWith("node:")) packages.add(path);
    }
  }
  return { files: [...files], packages: [...packages].sort() };
}

it("the library loads neither the command nor the Kubernetes client before they are needed", async () => {
  const { files, packages } = await loadedWith("dist/index.js");
  expect(files.filter((file) => /^dist\/(bundle|host)\//.test(file))).toEqual([]);
  expect(packages).toContain("zod/mini");
  expect(packages.filter((name) => onlyForTheCommand.test(name))).toEqual([]);
});

it("core loads core, and nothing that runs, asks or prints", async () => {
  const { files, packages } = await loadedWith("dist/core/index.js");
  expect(files.filter((file) => !file.startsWith("dist/core/"))).toEqual([]);
  expect(packages).toContain("zod/mini");
  expect(packages.filter((name) => /^(execa|p-queue)$/.test(name) || onlyForTheCommand.test(name))).toEqual(
    [],
  );
});

it("core works where there is nothing of Node, as in a browser", async () => {
  const { outputFiles } = await build({
    stdin: {
      resolveDir: inject("project"),
      contents: `
        import { parseRegistry, renderDiagnostics } from "charlie-plugin-mediawiki/core";
        const read = (text) => parseRegistry({ file: "registry.yaml", text });
        globalThis.answers = [read("version: 1").ok, renderDiagnostics(read("version: 2").failure)];
      `,
    },
    bundle: true,
    platform: "browser",
    format: "iife",
    write: false,
    logLevel: "silent",
  });
  const place: { answers?: readonly unknown[] } = {};
  runInContext(outputFiles[0]?.text ?? "", createContext(place));
  expect(place.answers).toEqual([true, expect.stringMatching(/^registry\.yaml:1:10: error: /)]);
});
