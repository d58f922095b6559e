import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isGlob, matchesAny } from "../../src/core/common/glob.ts";
import { runs } from "../support/runs.ts";

// The answers are those of Python 3.11's fnmatch.fnmatchcase.
const pythonsAnswers: readonly (readonly [glob: string, text: string, matches: boolean])[] = [
  ["mw-*", "mw-web", true],
  ["mw-*", "mw-", true],
  ["mw-*", "xmw-web", false],
  ["mw-*", "mw-web/main", true],
  ["mw-*/main", "mw-web/main", true],
  ["mw-*/main", "mw-web/canary", false],
  ["*", "foo/bar", true],
  ["*", "foo.bar", true],
  ["*", ".foo", true],
  ["*", "..", true],
  ["*", "", true],
  ["", "", true],
  ["", "a", false],
  ["*/name", "/name", true],
  ["*e*", "eqiad", true],
  ["a*b*c", "axxb/yyc", true],
  ["a*b*c", "axxc/yyb", false],
  ["a*ab", "aab", true],
  ["a*ab", "ab", false],
  ["?", "/", true],
  ["??", "a", false],
  ["staging-?odfw", "staging-codfw", true],
  ["[a-c]x", "bx", true],
  ["[a-c]x", "dx", false],
  ["[!a-c]x", "dx", true],
  ["[!a-c]x", "bx", false],
  ["[ab]", "S", false],
  ["a]b", "a]b", true],
  ["a]b[c]", "a]bc", true],
  ["[a][b]", "ab", true],
  ["x]y]", "x", false],
  ["[]]", "]", true],
  ["[!]]", "]", false],
  ["[a-]", "-", true],
  ["[z-a]", "z", false],
  ["[!z-a]", "z", true],
  ["[^a]", "^", true],
  ["a[b", "a[b", true],
  ["!a", "b", false],
  ["!a", "!a", true],
  ["{a,b}", "a", false],
  ["{a,b}", "{a,b}", true],
  ["+(a)", "aa", false],
  ["(a|b)", "a", false],
  ["a.b", "axb", false],
  ["a+b", "aab", false],
  ["^a$", "a", false],
  ["**", "a/b", true],
  ["a/**", "a", false],
  ["./a", "a", false],
  ["\\*", "*", false],
  ["\\*", "\\x", true],
  ["a*", "a\nb", true],
];

describe("globs match as charlie's do", () => {
  test.each(pythonsAnswers)("%j on %j: %j", (glob, text, matches) => {
    expect(matchesAny([glob], text)).toBe(matches);
  });
});

test("one glob of several is enough, and none matches nothing", () => {
  expect(matchesAny(["mw-*", "shellbox"], "shellbox")).toBe(true);
  expect(matchesAny(["mw-*", "shellbox"], "thumbor")).toBe(false);
  expect(matchesAny([], "thumbor")).toBe(false);
});

test("what has a wildcard is a glob", () => {
  expect(["mw-*", "a?", "[ab]"].map(isGlob)).toEqual([true, true, true]);
  expect(["mw-web", "mw-web/main", "!a", ""].map(isGlob)).toEqual([false, false, false, false]);
});

test("many stars cost no more than the text is long", () => {
  const glob = `${"*a".repeat(30)}*b`;
  expect(matchesAny([glob], "a".repeat(5000))).toBe(false);
});

test("any text is a glob, and matches itself unless it has wildcards", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (glob, text) => {
      const matches = matchesAny([glob], text);
      return isGlob(glob) || matches === (glob === text);
    }),
  );
});

test("stars and question marks match what a plain search finds", () => {
  const glob = fc.string({ unit: fc.constantFrom("a", "b", "/", ".", "*", "?"), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom("a", "b", "/", "."), maxLength: 8 });
  fc.assert(
    fc.property(glob, text, (pattern, name) => matchesAny([pattern], name) === search(pattern, name)),
    { numRuns: runs(2000) },
  );
});

/** The meaning of `*` and `?`, tried out one by one. */
function search(glob: string, text: string): boolean {
  if (glob === "") return text === "";
  if (glob.startsWith("*")) {
    return search(glob.slice(1), text) || (text !== "" && search(glob, text.slice(1)));
  }
  return text !== "" && (glob[0] === "?" || glob[0] === text[0]) && search(glob.slice(1), text.slice(1));
}

test("a glob that is longer than any name matches nothing", () => {
  expect(matchesAny(["a".repeat(100_000)], "a")).toBe(false);
  expect(matchesAny(["?*".repeat(100_000)], "a".repeat(253))).toBe(false);
  expect(matchesAny(["*".repeat(100_000)], "a")).toBe(true);
});
