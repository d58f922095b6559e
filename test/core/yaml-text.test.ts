import fc from "fast-check";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { yamlList, yamlText } from "../../src/core/yaml/yaml-text.ts";
import { runs } from "../support/runs.ts";

it("a text is written as it is where readers of either YAML take it for that text, and else in quotes", () => {
  const texts = [
    "mw-web",
    "mw-*",
    "a.b/c_d",
    "on",
    "No",
    "y",
    "1.5",
    "2001-01-01",
    "*",
    "[a]",
    "",
    "a b",
    "~",
    "E0",
  ];
  expect(yamlList(texts)).toBe(
    '[mw-web, mw-*, a.b/c_d, "on", "No", "y", "1.5", "2001-01-01", "*", "[a]", "", "a b", "~", "E0"]',
  );
});

it("every text is read as it was", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(..."eEyNox01.-*"), maxLength: 4 })),
      (text) => {
        for (const version of ["1.1", "1.2"] as const) {
          expect(parse(yamlText(text), { version })).toBe(text);
          expect(parse(`{ a: ${yamlList([text, text])} }`, { version })).toEqual({ a: [text, text] });
        }
      },
    ),
    { numRuns: runs(1000) },
  );
});
