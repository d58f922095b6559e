import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearest } from "../../src/core/common/nearest.ts";

const known = ["support", "mediawiki", "other", "sequence"];

describe("the nearest known word", () => {
  test.each([
    ["suport", "support"],
    ["supportt", "support"],
    ["Mediawiki", "mediawiki"],
    ["SEQUENCE", "sequence"],
    ["mediawik", "mediawiki"],
    ["ohter", "other"],
    ["othr", "other"],
    ["webserver", undefined],
    ["", undefined],
    ["x", undefined],
  ])("for %j is %j", (word, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });
});

test("a text that is too long for a typo has no nearest word", () => {
  expect(nearest("x".repeat(100_000), ["x".repeat(100_001)])).toBeUndefined();
});

test("a text of a hundred letters still has one", () => {
  const word = "x".repeat(100);
  expect(nearest(word, [`${word}y`])).toBe(`${word}y`);
  expect(nearest(`${word}y`, [`${word}y`])).toBeUndefined();
});

test("a word that is known, or that only differs in case, is found", () => {
  fc.assert(
    fc.property(fc.constantFrom(...known), (word) => {
      expect(nearest(word, known)).toBe(word);
      expect(nearest(word.toUpperCase(), known)).toBe(word);
    }),
  );
});

test("what is found is always one of the known words", () => {
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (word, words) => {
      const found = nearest(word, words);
      return found === undefined || words.includes(found);
    }),
  );
});
