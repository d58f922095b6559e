import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bundle } from "../../scripts/bundle.js";

// How long a command takes to begin is measured in bench/; what makes it long is held here: what is loaded, in how many files.

type Outputs = Awaited<ReturnType<typeof bundle>>["outputs"];

let outputs: Outputs;
beforeAll(async () => {
  outputs = (await bundle({ outdir: "dist-nowhere", version: "1.2.3", write: false })).outputs;
});

/** The files that are loaded with these, because they are imported at the top. */
function loadedWith(files: readonly string[]): string[] {
  const loaded = new Set(files);
  for (const file of loaded) {
    for (const { path, kind } of outputs[file]?.imports ?? [])
      if (kind === "import-statement" && outputs[path]) loaded.add(path);
  }
  return [...loaded];
}

const packagesIn = (files: readonly string[]): string[] => {
  const inputs = files.flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
  const names = inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []);
  return [...new Set(names)].toSorted();
};

const entryOf = (source: string): string => {
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === source);
  if (!found) throw new Error(`nothing is made of ${source}`);
  return found[0];
};

describe("what is loaded", () => {
  it("for help and version is a few files, with nothing that checks data", () => {
    const files = loadedWith([entryOf("src/host/main.ts")]);
    expect(packagesIn(files)).toEqual(["commander", "leven"]);
    expect(files.length).toBeLessThanOrEqual(8);
  });

  it("for list and plan is a few files more, without what deploys, asks or looks at clusters", () => {
    const own = ["main.ts", "start-verb.ts"].map((name) => entryOf(join("src/host", name)));
    const files = loadedWith([...own, entryOf("src/plugin.ts")]);
    expect(packagesIn(files)).toEqual(["commander", "leven", "tinyqueue", "yaml", "zod"]);
    expect(files.length).toBeLessThanOrEqual(14);
  });

  it("is of zod the functions and one language, wherever a schema is made", () => {
    const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
    const used = inputs.flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : []));
    const parts = used.filter((input) => /\/zod\/v4\/(classic|locales)\//.test(input));
    expect(parts).toEqual(["node_modules/zod/v4/locales/en.js"]);
  });
});
