import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { deploymentManifest, serviceManifest } from "../support/rendered.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runInProcess } from "./support/in-process.ts";

const docs = readFileSync(new URL("../../docs/json.md", import.meta.url), "utf8");

/** What stands behind a text in the docs, between the first brace and its mate. */
function shapeBehind(text: string): string {
  const start = docs.indexOf("{", docs.indexOf(text));
  let depth = 0;
  for (let at = start; at < docs.length; at++) {
    if (docs[at] === "{") depth++;
    if (docs[at] === "}" && --depth === 0) return docs.slice(start, at + 1);
  }
  throw new Error(`the docs have no shape behind ${text}`);
}

/** The keys of a shape, as `edges[].from`; what may be absent keeps its mark. */
function keysOfShape(shape: string, below = ""): string[] {
  const tokens = shape.match(/[{}[\]:,|]|"[^"]*"|[\w*]+/g) ?? [];
  const keys: string[] = [];
  let at = 0;
  const value = (within: string): void => {
    const token = tokens[at++];
    if (token === "[") {
      value(`${within}[]`);
      at++;
    } else if (token === "{") {
      while (tokens[at] !== "}") {
        const key = [...(within === "" ? [] : [within]), tokens[at++]].join(".");
        keys.push(key);
        if (tokens[at] === ":") {
          at++;
          value(key.replace("*", ""));
        }
        if (tokens[at] === ",") at++;
      }
      at++;
    }
    if (tokens[at] !== "|") return;
    at++;
    value(within);
  };
  value(below);
  return keys;
}

function keysOfValue(value: unknown, within = ""): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => keysOfValue(item, `${within}[]`));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) => {
    const key = within === "" ? name : `${within}.${name}`;
    return [key, ...keysOfValue(child, key)];
  });
}

test("the docs have every key of what derive answers, and no other", async () => {
  const folder = temporaryFolder({
    "shop/base/s.yaml": serviceManifest("cache"),
    "shop/base/m.yaml": "kind: ConfigMap\nmetadata: { name: m }\ndata: { a: $(SPARE_SERVICE_HOST) }\n",
    "shop/main/d.yaml": deploymentManifest(
      "main",
      ["$(CACHE_SERVICE_HOST)"],
      "      volumes: [{ name: t, secret: { secretName: tls } }]\n",
    ),
    "shop/other/p.yaml": `kind: Pod
metadata: { name: p }
spec:
  containers: [{ name: c, envFrom: [{ configMapRef: { name: m } }] }]
`,
    "shop/other/u.yaml": deploymentManifest(
      "u",
      ["$(CACHE_PORT_80_TCP)"],
      "      enableServiceLinks: false\n",
    ),
    "shop/other/x.yaml": 'a: "',
    "shop/other/y.yaml": "a: b\n",
    "stray.yaml": serviceManifest("stray"),
  });
  const { stdout } = await runInProcess(["derive", "-e", "eqiad", "--manifests", folder, "-o", "json"]);
  const real = new Set(keysOfValue(JSON.parse(stdout)));
  const places = ["faults[].place", "faults[].related[].place"];
  const shape = [
    ...keysOfShape(shapeBehind("## `derive`")),
    ...["edges", "unprovided", "notMade"].flatMap((list) =>
      keysOfShape(shapeBehind("`evidence` is"), `${list}[].evidence[]`),
    ),
    ...places.flatMap((place) => keysOfShape(shapeBehind("`place` is"), place)),
    "faults[].related[].message",
    "faults[].related[].place",
  ];
  const known = new Set(shape.map((key) => key.replace("*", "")));
  expect([...real].filter((key) => !known.has(key))).toEqual([]);
  const parents = new Set([...real].map((key) => key.slice(0, Math.max(0, key.lastIndexOf(".")))));
  const missing = shape.filter(
    (key) =>
      !key.endsWith("*") && !real.has(key) && parents.has(key.slice(0, Math.max(0, key.lastIndexOf(".")))),
  );
  expect(missing).toEqual([]);
  // Each list that manifests can fill has something in it, or nothing was compared.
  const lists = ["edges[]", "unprovided[]", "notMade[]", "faults[]", "strays[]", ...places];
  expect(lists.filter((list) => !parents.has(list))).toEqual([]);
});
