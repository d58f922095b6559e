import { expect, test } from "vitest";
import { joinReleases, objectsByRelease } from "../../src/core/manifests/objects-by-release.ts";
import { readRenderedObjects } from "../../src/core/manifests/rendered-objects.ts";

const read = (text: string) => readRenderedObjects({ file: "f.yaml", text }).objects;

test("objects are sorted by release as helm's annotations say, else by label and namespace; others are strays", () => {
  const objects = read(`
kind: ConfigMap
metadata: { name: by-release, namespace: b, labels: { release: web } }
---
kind: ConfigMap
metadata: { name: by-instance, namespace: a, labels: { app.kubernetes.io/instance: web } }
---
kind: ConfigMap
metadata:
  name: by-helm
  namespace: elsewhere
  labels: { release: other }
  annotations: { meta.helm.sh/release-name: web, meta.helm.sh/release-namespace: b }
---
kind: ConfigMap
metadata: { name: without-namespace, labels: { release: web } }
---
kind: ConfigMap
metadata: { name: without-release, namespace: b }
`);
  const { releases, strays } = objectsByRelease(objects);
  const named = releases.map(({ id, objects: own }) => `${id}: ${own.map(({ name }) => name).join(", ")}`);
  expect(named).toEqual(["a/web: by-instance", "b/web: by-release, by-helm"]);
  expect(strays.map(({ name }) => name)).toEqual(["without-namespace", "without-release"]);
});

test("releases of several files are one entry each, by id", () => {
  const [map] = read("kind: ConfigMap\nmetadata: { name: m }\n");
  if (!map) throw new Error("there is one");
  const ids = ["n/c", "n/a", "n/b", "n/a"];
  const joined = joinReleases(ids.map((id) => ({ id, objects: [map] })));
  expect(joined.map(({ id, objects }) => [id, objects.length])).toEqual([
    ["n/a", 2],
    ["n/b", 1],
    ["n/c", 1],
  ]);
});
