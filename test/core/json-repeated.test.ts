import fc from "fast-check";
import { expect, it } from "vitest";
import { repeatedKey } from "../../src/core/common/json-repeated.ts";
import { runs } from "../support/runs.ts";

/** The key that is found, and its column. */
function found(text: string): string | undefined {
  const fault = repeatedKey({ file: "f", text }, JSON.parse(text));
  return fault && `${fault.message.split(" stands")[0]} ${fault.place?.column}`;
}

it.each([
  ['{"a":1,"b":2,"a":3}', "a 14"],
  ['{"a":1,"a"\n\t:2}', "a 8"],
  ['{"a":1,"\\u0061":2}', "a 8"],
  ['{"a\\\\":"\\"a\\":","a\\\\":2}', '["a\\\\"] 17'],
  ['[{},{"x":[{"__proto__":1,"__proto__":2}]}]', "[1].x[0].__proto__ 26"],
  // Deeper than places are looked for.
  [`${"[".repeat(5_000)}{"a":1,"a":2}${"]".repeat(5_000)}`, "a key undefined"],
])("a key that stands twice is found, however it is written: %#", (text, expected) => {
  expect(found(text)).toBe(expected);
});

it.each(['"a"', "7", "null", "[]", '["a","a"]', '{"a":{"a":1},"b":{"a":1}}', '{"a":":","b":"\\":"}'])(
  "in %s no key stands twice",
  (text) => {
    expect(found(text)).toBeUndefined();
  },
);

it("a key is found to stand twice exactly where it does, whatever keys and texts hold", () => {
  const text = fc.string({ unit: fc.constantFrom('"', ":", "\\", " ", ",", "{", "a"), maxLength: 6 });
  const { value: json } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, text, fc.constant(null), tie("list"), tie("object")),
    list: fc.array(tie("value"), { maxLength: 3 }),
    object: fc.dictionary(text, tie("value"), { maxKeys: 4 }),
  }));
  fc.assert(
    fc.property(json, fc.constantFrom(0, 1), (value, indent) => {
      const written = JSON.stringify(value, null, indent);
      expect(found(written)).toBeUndefined();
      expect(found(`[${written},{"a":1,"a":${written}}]`)).toMatch(/^\[1\]\.a /);
    }),
    { numRuns: runs(2000) },
  );
});
