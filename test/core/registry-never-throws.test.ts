import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { runs } from "../support/runs.ts";

const folder = new URL("../../fixtures/registries/valid/", import.meta.url);
const valid = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"));

/** Parses, and holds every fault to what a place must be. */
function parse(text: string) {
  const parsed = parseRegistry({ file: "registry.yaml", text });
  if (parsed.ok) return parsed;
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  const places = parsed.failure.map(({ place }) => place);
  const misplaced = places.filter((place, index) => {
    const { line = 0, column = 0, length = 0, text: shown = "" } = place ?? {};
    const before = places[index - 1];
    const isInOrder = !before || before.line < line || (before.line === line && before.column <= column);
    const isInside = column >= 1 && length >= 1 && column + length - 1 <= Math.max(1, shown.length);
    return !isInOrder || !isInside || shown !== lines[line - 1]?.replace(/\r$/, "");
  });
  expect(misplaced).toEqual([]);
  expect(renderDiagnostics(parsed.failure)).not.toMatch(/^$|Invalid input|undefined|\[object/);
  return parsed;
}

// biome-ignore format: a line for each would be longer than the test
const scraps = [
  "version: 1\n", "namespaces:\n", "  mw-web:\n", "    support: ", "[prometheus]\n", "- ", "? ", ": ", "{", "}", "[",
  "]", ",", "&a ", "*a", '"*"', "*", "|\n", ">-\n", "'", '"', "#", "!!map ", "!x ", "<<: ", "---\n", "...\n", "%YAML 1.1\n",
  "\t", " ", "\r\n", "\n", "\uFEFF", "~", "null", "1", "0x1F", ".inf", "2001-12-14", "yes", "__proto__: ", "constructor",
  "sequence: ", "stages:\n", "run: ", "{environment}", "log: ", "services:\n", "mw-web/x", "a", "😀", "\u0000", "\u2028",
];

describe("parsing never throws, and every fault has a place inside of the text", { timeout: 60_000 }, () => {
  test("for any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void parse(text)));
  });

  test("for any scraps of YAML", () => {
    const text = fc.array(fc.constantFrom(...scraps), { maxLength: 40 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, (made) => void parse(made)),
      { numRuns: runs(500) },
    );
  });

  test("for valid registries in which something was replaced", () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat({ max: 12 }),
      by: fc.oneof(fc.constantFrom(...scraps), fc.constantFrom(""), fc.string()),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...valid),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (text, changes) => {
          let changed = text;
          for (const { at, length, by } of changes) {
            const start = Math.floor(at * changed.length);
            changed = changed.slice(0, start) + by + changed.slice(start + length);
          }
          parse(changed);
        },
      ),
      { numRuns: runs(500) },
    );
  });

  test("for any value that JSON can write, in the place of any part", () => {
    const key = fc.constantFrom("rules", "namespaces", "services", "kubeconfig", "stages", "log", "version");
    fc.assert(fc.property(fc.dictionary(key, fc.jsonValue()), (value) => void parse(JSON.stringify(value))));
  });
});

describe("a text that is meant to harm is refused, not obeyed", { timeout: 60_000 }, () => {
  test.each([
    ["brackets 100,000 deep", "[".repeat(100_000), "too-deep"],
    ["dashes 100,000 deep", "- ".repeat(100_000), "too-deep"],
    ["keys 100,000 deep", "? ".repeat(100_000), "too-deep"],
    ["more than a megabyte", `#${"x".repeat(1024 * 1024)}`, "too-long"],
    ["aliases deep within aliases", deepAliases(), "too-deep"],
  ])("%s", (_title, text, code) => {
    const parsed = parse(text);
    expect(parsed.ok ? [] : parsed.failure.map((fault) => fault.code)).toEqual([code]);
  });

  test("a key that names the prototype is a key like any other", () => {
    const parsed = parse(
      "version: 1\nservices: { __proto__: { provides: [] } }\n__proto__: { version: 1 }\n",
    );
    expect(parsed.ok ? [] : parsed.failure.map((fault) => fault.message)).toEqual([
      '"__proto__" cannot be the name of a release',
      'unknown key "__proto__"',
    ]);
  });

  test("thousands of releases that go round in a circle are one fault, soon found", () => {
    const names = (letter: string) =>
      Array.from({ length: 5000 }, (_, index) => `${letter}${index}`).join(", ");
    const parsed = parse(
      `version: 1\nnamespaces:\n  a:\n    sequence: [x, ${names("f")}, y]\n    support: [y, ${names("g")}, x]\n`,
    );
    expect(parsed.ok ? [] : parsed.failure.map((fault) => fault.message)).toEqual([
      'nobody can keep the order of namespace "a": x before y before x',
    ]);
  });
});

/** Each level holds the one before it 30 levels deep, so that only with the aliases it is too deep. */
function deepAliases(): string {
  return `version: 1\nrules:\n- &a ${"[".repeat(30)}${"]".repeat(30)}\n- ${"[".repeat(30)}*a${"]".repeat(30)}\n`;
}
