import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { build } from "esbuild";
import { expect, it } from "vitest";

it("core can be bundled for a place without Node", async () => {
  // Node's built-ins do not resolve there: one import of them anywhere in core, and this fails.
  const { outputFiles } = await build({
    entryPoints: ["src/core/index.ts"],
    bundle: true,
    platform: "browser",
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  expect(outputFiles[0]?.text).toContain("assemblePlan");
});

it("the package exports core and the main entry with their types", async () => {
  const { exports, bin } = JSON.parse(await readFile("package.json", "utf8"));
  expect(exports["./core"]).toEqual({ types: "./dist/core/index.d.ts", default: "./dist/core/index.js" });
  expect(exports["."].default).toBe("./dist/index.js");
  expect(bin).toEqual({ "charlie-mediawiki": "dist/bundle/charlie-mediawiki.js" });
});

it("what comes from outside is parsed only by what never throws, however many faults it has", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const own = files.filter((file) =>
    /^(?! \*).*(?<!\bz)\.safeParse\(/m.test(readFileSync(`src/${file}`, "utf8")),
  );
  expect(own).toEqual([]);
});
