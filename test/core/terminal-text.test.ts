import fc from "fast-check";
import { expect, it } from "vitest";
import { terminalText } from "../../src/core/view/terminal-text.ts";

const hostile = "\u001b[31mred\u001b[2J\u001b[1A up\u001b]0;title\u0007 10%\r20%\b \u009b3J\u202eend\u001bc";

it("keeps colours, ends them, and drops all else that steers a terminal", () => {
  expect(terminalText(hostile, { colors: true })).toBe("\u001b[31mred up 10% 20%   3J end c\u001b[0m");
});

it("drops colours where they are not wanted, and no word with them", () => {
  expect(terminalText("\u001b[31mred\u001b[0m words \u0007bell", { colors: false })).toBe("red words  bell");
});

it("keeps lines and tabs", () => {
  expect(terminalText("é one\r\n\ttwo\u001b[0m", { colors: true })).toBe("é one\n\ttwo\u001b[0m");
});

it("leaves nothing but text and colours, whatever it is given", () => {
  const pieces = fc.constantFrom(
    "\u001b",
    "[",
    "]",
    "2J",
    "m",
    "31",
    ";",
    "\u0007",
    "\r",
    "\u009b",
    "a",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(pieces), (words) => {
      const text = terminalText(words.join(""), { colors: true });
      const left = text
        .split("\u001b")
        .map((part, at) => (at === 0 ? part : part.replace(/^\[[\d;:]*m/, "")));
      expect(left.join("")).toMatch(/^[\x20-\x7e\n]*$/);
      expect(text.split("\u001b").slice(1)).toSatisfy((parts: string[]) =>
        parts.every((part) => /^\[[\d;:]*m/.test(part)),
      );
    }),
  );
});
