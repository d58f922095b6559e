import { describe, expect, test } from "vitest";
import { oneTypoAway } from "../../src/core/common/one-typo.ts";

describe("a name from which a word differs by one slip", () => {
  test.each([
    ["has two neighbours in the other order", "eqaid", "eqiad"],
    ["has a letter more", "eqiad", "eqiiad"],
    ["has a letter less", "codw", "codfw"],
    ["has another letter", "canari", "canary"],
    ["has other cases", "EQIAD", "eqiad"],
  ])("%s: %j for %j", (_, word, name) => {
    expect(oneTypoAway(word, ["staging", name])).toBe(name);
    expect(oneTypoAway(name, ["staging", word])).toBe(word);
  });

  test.each([
    ["the same", "eqiad", "eqiad"],
    ["one with two other letters", "south", "north"],
    ["one with two neighbours of which one is another letter", "eqabd", "eqiad"],
    ["one with another letter and one less", "eqad", "exiad"],
    ["one that only has another number", "eqiad1", "eqiad2"],
    ["one that has a number", "eqiad", "eqiad2"],
    ["one that only has another letter for a number", "k8s-a", "k8s-b"],
    ["one of two letters", "qa", "qb"],
    ["the end of another one", "eqiad", "staging-eqiad"],
  ])("is not %s: %j for %j", (_, word, name) => {
    expect(oneTypoAway(word, [name])).toBeUndefined();
    expect(oneTypoAway(name, [word])).toBeUndefined();
  });
});
