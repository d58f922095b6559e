import fc from "fast-check";
import { expect, test } from "vitest";
import { placesOf } from "../../src/core/common/places.ts";
import { parseComposedManifest } from "../../src/core/manifests/composed-manifest.ts";
import { readJsonManifest } from "../../src/core/manifests/json-manifest.ts";
import { readRenderedObjects } from "../../src/core/manifests/rendered-objects.ts";

test("JSON is read as the real parser of YAML reads it, lines and all, however it is laid out", () => {
  const manifest = fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => key !== "<<" && key !== "__proto__"),
    fc.jsonValue({ maxDepth: 3, stringUnit: "binary" }),
  );
  fc.assert(
    fc.property(manifest, fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const placeAt = placesOf({ file: "f", text });
      const { root } = parseComposedManifest(`${text}\n`, { firstLine: 1, start: 0, placeAt });
      expect(root).toBeDefined();
      expect(readJsonManifest(text, 1)).toEqual(root);
    }),
    { numRuns: 40 },
  );
});

test("what is nearly JSON is left to the real parser", () => {
  const texts = [
    "{'a': 1}",
    "{a: 1}",
    '{"a" 1}',
    '{"a": [1 2]}',
    '{"a": 1} b',
    '{"a": "b\nc"}',
    '{"a": 01}',
    '{"a": 1.2.3}',
    '{"a": truely}',
    '{"<<": {"a": 1}}',
    '{"a": {',
    `${'{"a":'.repeat(300)}1${"}".repeat(300)}`,
    `{"a": ${"[".repeat(300)}${"]".repeat(300)}}`,
    "[]",
    "a: {}",
    "",
  ];
  const read = texts.map((text) => readJsonManifest(text, 1));
  expect(read).toEqual(texts.map(() => undefined));
  expect(readJsonManifest('{"a": [1, -2.5e3, true, null, "\\u00e9"]}', 1)).toBeDefined();
});

test("all objects of a cluster in one document are read, each with its line", () => {
  const items = Array.from({ length: 4_000 }, (_, at) => ({
    kind: "ConfigMap",
    metadata: { name: `m${at}` },
    data: { text: "x".repeat(400) },
  }));
  // Longer than what the real parser takes.
  const text = JSON.stringify({ kind: "List", items }, null, 1);
  expect(text.length).toBeGreaterThan(2 ** 20);
  const { objects, faults } = readRenderedObjects({ file: "all.json", text });
  expect(faults).toEqual([]);
  expect(objects.map(({ name }) => name)).toEqual(items.map(({ metadata }) => metadata.name));
  expect(objects.slice(0, 2).map(({ line }) => line)).toEqual([4, 13]);
});
