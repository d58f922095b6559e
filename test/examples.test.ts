import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import * as api from "../src/index.ts";
import type { AtHand } from "./support/example-names.ts";
import { registry } from "./support/registry.ts";
import { deploymentManifest, serviceManifest } from "./support/rendered.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";
import { exporter, mediawiki, release, tree as treeOf } from "./support/tree.ts";

/** The public API, and what the examples of it have at hand. */
function world() {
  const known = registry(`
rules:
  - { match: { chart: mediawiki }, class: mediawiki }
namespaces:
  mw-web: { support: [prometheus] }
services:
  prometheus: { provides: [service/statsd] }
stages:
  - { name: support, class: support, gate: wait }
  - { name: mediawiki, class: mediawiki, run: [scap] }
`);
  const tree = treeOf([release("mw-web/prometheus", exporter), release("mw-web/main", mediawiki)]);
  const servicesDir = "/srv/services";
  const { plan } = api.assemblePlan(tree, known, { mode: "restore", servicesDir });
  const files = {
    "rendered/mw-web/prometheus/all.yaml": serviceManifest("statsd"),
    "rendered/mw-web/main/all.yaml": deploymentManifest("main", ["$(STATSD_SERVICE_HOST)"]),
  };
  const labelled = Object.entries(files).map(([file, text]) => {
    const [, namespace, name] = file.split("/");
    return text.replace(
      /metadata: \{ name: (\w+) \}/,
      `metadata: { name: $1, namespace: ${namespace}, labels: { release: ${name} } }`,
    );
  });
  const manifests = labelled.join("---\n");
  const { releases } = api.objectsByRelease(
    api.readRenderedObjects({ file: "all.yaml", text: manifests }).objects,
  );
  const atHand = { registry: known, tree, servicesDir, manifests, releases };
  if (!plan) throw new Error("there is no plan");
  return { ...api, ...({ ...atHand, plan } satisfies AtHand), files };
}

/** The lines of the example in the doc comment that stands last before a declaration. */
function exampleOf(file: string, name: string): string[] {
  const text = readFileSync(new URL(`../src/${file}`, import.meta.url), "utf8");
  const declared = new RegExp(`^export (?:async )?function ${name}\\b`, "m").exec(text)?.index;
  const comment = text.slice(0, declared).split("/**").at(-1) ?? "";
  const [, example] = comment.split("@example");
  if (declared === undefined || example === undefined) throw new Error(`${name} of ${file} has no example`);
  return example
    .split("\n")
    .map((line) => line.replace(/^\s*\*\/?\s?/, "").trimEnd())
    .filter((line) => line.trim() !== "");
}

/** The example's last statement, and what is said to come of it. */
function parts(lines: readonly string[]): { readonly code: string; readonly said: string } {
  const last = lines.at(-1) ?? "";
  const [statement = "", said = ""] = last.split(/(?:^| )\/\/ /);
  const all = [...lines.slice(0, -1), statement].filter((line) => line.trim() !== "");
  const from = all.findLastIndex((line) => /^\S/.test(line) && !/^[)}\]]/.test(line));
  const end = all.slice(from).join("\n").trim().replace(/;$/, "");
  return { code: `${all.slice(0, from).join("\n")}\nreturn (${end});`, said };
}

/** Runs it as the body of a function that has these names. */
async function run(code: string, names: Readonly<Record<string, unknown>>): Promise<unknown> {
  const AsyncFunction: FunctionConstructor = Object.getPrototypeOf(async () => {}).constructor;
  return AsyncFunction(...Object.keys(names), `"use strict";\n{\n${code}\n}`)(...Object.values(names));
}

it.each([
  ["core/manifests/derive.ts", "deriveDependencies"],
  ["core/explain/explain.ts", "explain"],
  ["core/explain/explained-subject.ts", "findSubject"],
  ["core/manifests/made-by-release.ts", "madeByRelease"],
  ["core/check/registry-proposal.ts", "proposeRegistry"],
  ["core/explain/runbook.ts", "renderRunbook"],
  ["core/registry/class-verdicts.ts", "verdictsOf"],
])("the example in the doc comment works: %s %s", async (file, name) => {
  const { code, said } = parts(exampleOf(file, name));
  const result = await run(code, world());
  expect(said).not.toBe("");
  expect(result).toEqual(await run(`return (${said});`, {}));
});

it("the example of readManifests shows what releases of a folder need", async () => {
  const { files, ...names } = world();
  const folder = temporaryFolder(files);
  const code = parts(exampleOf("io/read-manifests.ts", "readManifests")).code;
  const inFolder = code.replace('"rendered"', JSON.stringify(`${folder}/rendered`));
  expect(await run(inFolder, names)).toContain(
    "mw-web/main needs mw-web/prometheus: variable STATSD_SERVICE_HOST",
  );
});
