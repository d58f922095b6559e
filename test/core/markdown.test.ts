import { describe, expect, it } from "vitest";
import { code, prose, shellBlock } from "../../src/core/common/markdown.ts";

describe("a text in Markdown", () => {
  it.each([
    ["mw-web/main", "`mw-web/main`"],
    ["a `tick`", "`` a `tick` ``"],
    ["``", "``` `` ```"],
    ["", "`  `"],
    ["two\nlines", "`two lines`"],
    ["\u001b[31m", "`\ufffd[31m`"],
  ])("is code within a line: %j is %j", (text, expected) => {
    expect(code(text)).toBe(expected);
  });

  it("is prose in which nothing is taken for Markdown", () => {
    expect(prose("*bold* <b> [a](b) `c` a_b #1 | x\n# y")).toBe(
      "\\*bold\\* \\<b\\> \\[a\\](b) \\`c\\` a\\_b \\#1 \\| x \\# y",
    );
  });

  it("is a block whose fence is longer than any run of backticks in it", () => {
    expect(shellBlock(["echo ```", "x"])).toBe("````sh\necho ```\nx\n````");
  });
});
