import { expect, it } from "vitest";
import { thirdPartyNotices } from "../../scripts/third-party-notices.js";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** A metafile of a bundle in which there are so many bytes of each file. */
function bundleOf(bytes: Readonly<Record<string, number>>) {
  const inputs = Object.entries(bytes).map(([file, bytesInOutput]) => [file, { bytesInOutput }] as const);
  const output = { bytes: 1, imports: [], exports: [], inputs: Object.fromEntries(inputs) };
  return { outputs: { "dist/one.js": output } };
}

const named = (name: string, version: string) => JSON.stringify({ name, version });

it("has each package once, those with the same words together, and a NOTICE where there is one", () => {
  const folder = temporaryFolder({
    "node_modules/red/package.json": named("red", "1.0.0"),
    "node_modules/red/license": "MIT, copyright Ada\n",
    "node_modules/@of/blue/package.json": named("@of/blue", "2.0.0"),
    "node_modules/@of/blue/LICENSE-MIT.txt": "MIT, copyright Ada\r\n",
    "node_modules/@of/blue/node_modules/red/package.json": named("red", "3.0.0"),
    "node_modules/@of/blue/node_modules/red/LICENCE": "ISC, copyright Eve",
    "node_modules/@of/blue/node_modules/red/NOTICE": "made with care",
    "node_modules/unused/package.json": named("unused", "4.0.0"),
  });
  const metafile = bundleOf({
    "src/host/main.ts": 10,
    "node_modules/red/index.js": 10,
    "node_modules/red/more.js": 10,
    "node_modules/@of/blue/lib/index.js": 10,
    "node_modules/@of/blue/node_modules/red/index.js": 10,
    "node_modules/unused/index.js": 0,
  });
  const [, ...parts] = thirdPartyNotices(metafile, folder).split(`${"-".repeat(80)}\n`);
  expect(parts.map((part) => part.trim())).toEqual([
    "@of/blue 2.0.0, red 1.0.0\n\nMIT, copyright Ada",
    "red 3.0.0\n\nISC, copyright Eve\n\nmade with care",
  ]);
});

it("is not written where a package has no licence", () => {
  const folder = temporaryFolder({ "node_modules/red/package.json": named("red", "1.0.0") });
  expect(() => thirdPartyNotices(bundleOf({ "node_modules/red/index.js": 1 }), folder)).toThrow(
    "red 1.0.0 has no file with its licence",
  );
});
