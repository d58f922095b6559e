import fc from "fast-check";
import { expect, test } from "vitest";
import { locateJson } from "../../src/core/common/json-place.ts";

const places = (text: string) => locateJson({ file: "f.json", text });
const shown = ({ line, column, length }: { line: number; column: number; length: number }) =>
  `${line}:${column}+${length}`;

test("where a text stops being JSON it is said what was expected, and whether more text would do", () => {
  const texts = [
    "",
    " \n",
    "{",
    '{"a"',
    '{"a":',
    '{"a": 1',
    '{"a": 1,',
    '{"a": [1, 2',
    '"a',
    '"a\\',
    '"a\\u00',
    "tr",
    "-",
    "1.",
    "1e+",
    "{a: 1}",
    "{'a': 1}",
    '{"a" 1}',
    '{"a": 1 "b": 2}',
    "[1 2]",
    "[1,]",
    '{"a": 1,}',
    '"a\nb"',
    '"a\\xb"',
    '"a\\u00g0"',
    "trux",
    "01",
    "1.2.3",
    "nul l",
    "+1",
    "1 2",
    '{"a": 1}\n{}',
    `${"[".repeat(101)}${"]".repeat(101)}`,
  ];
  const told = texts.map((text) => {
    const { fault } = places(text);
    const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
    return `${JSON.stringify(short)} ${fault ? `${shown(fault.place)} ${fault.expected}${fault.isEnd ? " (the end)" : ""}` : "is sound"}`;
  });
  expect(told.join("\n")).toMatchInlineSnapshot(`
    """ 1:1+1 a value (the end)
    " \\n" 2:1+1 a value (the end)
    "{" 1:2+1 a key in double quotes (the end)
    "{\\"a\\"" 1:5+1 ":" (the end)
    "{\\"a\\":" 1:6+1 a value (the end)
    "{\\"a\\": 1" 1:8+1 "," or "}" (the end)
    "{\\"a\\": 1," 1:9+1 a key in double quotes (the end)
    "{\\"a\\": [1, 2" 1:12+1 "," or "]" (the end)
    "\\"a" 1:3+1 the closing quote (the end)
    "\\"a\\\\" 1:4+1 the closing quote (the end)
    "\\"a\\\\u00" 1:7+1 the closing quote (the end)
    "tr" 1:3+1 a value (the end)
    "-" 1:2+1 a value (the end)
    "1." 1:3+1 a value (the end)
    "1e+" 1:4+1 a value (the end)
    "{a: 1}" 1:2+1 a key in double quotes
    "{'a': 1}" 1:2+1 a key in double quotes
    "{\\"a\\" 1}" 1:6+1 ":"
    "{\\"a\\": 1 \\"b\\": 2}" 1:9+1 "," or "}"
    "[1 2]" 1:4+1 "," or "]"
    "[1,]" 1:4+1 a value
    "{\\"a\\": 1,}" 1:9+1 a key in double quotes
    "\\"a\\nb\\"" 1:3+1 a character that a text may hold
    "\\"a\\\\xb\\"" 1:3+1 a character that a text may hold
    "\\"a\\\\u00g0\\"" 1:3+1 a character that a text may hold
    "trux" 1:1+1 a value
    "01" 1:1+1 a value
    "1.2.3" 1:1+1 a value
    "nul l" 1:1+1 a value
    "+1" 1:1+1 a value
    "1 2" 1:3+1 the end of the file
    "{\\"a\\": 1}\\n{}" 2:1+1 the end of the file
    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…" 1:101+1 at most 100 levels of brackets"
  `);
});

test("each key and value is found, what is missing where it ought to be, and a key that stands twice", () => {
  const text = `{
  "a": [1, {"b c": "x"}],
  "d": {"e": null,\r
    "f": true, "e": 2}
}`;
  const { value, key, repeated, fault } = places(text);
  expect(fault).toBeUndefined();
  expect(repeated && `${repeated.path} ${shown(repeated.place)}`).toBe("d.e 4:16+3");
  const paths = [[], ["a"], ["a", 0], ["a", 1, "b c"], ["a", 2], ["d", "f"], ["d", "g", "h"], ["x"]];
  expect(
    paths
      .map((path) => `${JSON.stringify(path)}: value ${shown(value(path))}, key ${shown(key(path))}`)
      .join("\n"),
  ).toMatchInlineSnapshot(`
    "[]: value 1:1+1, key 1:1+1
    ["a"]: value 2:8+17, key 2:3+3
    ["a",0]: value 2:9+1, key 2:9+1
    ["a",1,"b c"]: value 2:20+3, key 2:13+5
    ["a",2]: value 2:8+17, key 2:8+17
    ["d","f"]: value 4:10+4, key 4:5+3
    ["d","g","h"]: value 3:8+11, key 3:8+11
    ["x"]: value 1:1+1, key 1:1+1"
  `);
});

test("a text has a fault just if JSON.parse refuses it", () => {
  const nearly = fc
    .json({ maxDepth: 3 })
    .chain((text) =>
      fc
        .tuple(fc.nat(text.length), fc.nat(2), fc.constantFrom("", '"', ",", "]", "}", "\\", "1", "\n", "e"))
        .map(([at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut)),
    );
  fc.assert(
    fc.property(nearly, (text) => {
      const { fault, value } = places(text);
      if (!fault) value(["a", 0]);
      expect([text, fault !== undefined]).toEqual([text, isRefused(text)]);
    }),
    { numRuns: 500 },
  );
});

function isRefused(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}
