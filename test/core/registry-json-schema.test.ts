import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { registryJsonSchema } from "../../src/core/registry/registry-json-schema.ts";

test("the committed JSON Schema is the one that the zod schema gives (npm run build && npm run schema)", () => {
  const committed = readFileSync(new URL("../../registry.schema.json", import.meta.url), "utf8");
  expect(committed).toBe(`${JSON.stringify(registryJsonSchema(), null, 2)}\n`);
});

test("editors get a draft that they know, a title, and refuse unknown keys", () => {
  expect(registryJsonSchema()).toMatchObject({
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Registry of charlie-plugin-mediawiki",
    type: "object",
    required: ["version"],
    additionalProperties: false,
  });
});

test("every key has words that an editor can show", () => {
  expect([...undescribed(registryJsonSchema(), "")]).toEqual([]);
});

/** Keys of maps without a description, by path. */
function* undescribed(schema: unknown, path: string): Generator<string> {
  if (typeof schema !== "object" || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties") {
      for (const [name, property] of Object.entries(value)) {
        if (!(property instanceof Object && "description" in property)) yield `${path}/${name}`;
      }
    }
    yield* undescribed(value, `${path}/${key}`);
  }
}
