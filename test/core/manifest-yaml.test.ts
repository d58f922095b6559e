import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { stringify } from "yaml";
import { placesOf } from "../../src/core/common/places.ts";
import { parseComposedManifest } from "../../src/core/manifests/composed-manifest.ts";
import type { ManifestNode } from "../../src/core/manifests/manifest-tree.ts";
import { readBlockYaml } from "../../src/core/manifests/manifest-yaml.ts";
import { readRenderedObjects } from "../../src/core/manifests/rendered-objects.ts";
import { textLines } from "../../src/core/manifests/text-lines.ts";
import { runs } from "../support/runs.ts";
import { shownFaults } from "../support/shown-faults.ts";

/** The real parser, asked for the same document. */
function composed(text: string): ManifestNode | undefined {
  const source = { firstLine: 1, start: 0, placeAt: placesOf({ file: "f", text }) };
  return parseComposedManifest(text, source).root;
}

function fast(text: string): ManifestNode | undefined {
  const lines = textLines(text);
  return readBlockYaml(lines, { from: 0, end: lines.starts.length - 1 });
}

/** Keys and values; of the lines only that of scalars, which are what is shown. */
function plain(node: ManifestNode | undefined): unknown {
  if (node?.kind === "map")
    return Object.fromEntries(node.keys.map((key, at) => [key, plain(node.values[at])]));
  if (node?.kind === "list") return node.items.map(plain);
  return node && (node.value === null ? null : [node.value, node.line]);
}

/** As a tree, each with its line. */
function shownNode(node: ManifestNode | undefined, indent = ""): string {
  if (node === undefined) return "nothing";
  if (node.kind === "scalar")
    return `${typeof node.value === "string" ? JSON.stringify(node.value) : node.value} (line ${node.line}${node.isLiteral ? ", literal" : ""})`;
  const children = node.kind === "map" ? node.values : node.items;
  const below = children.map(
    (child, at) =>
      `\n${indent}  ${node.kind === "map" ? `${node.keys[at]}:` : "-"} ${shownNode(child, `${indent}  `)}`,
  );
  return `${node.kind} (line ${node.line})${below.join("")}`;
}

describe("what charts write is read without the real parser, and the same as by it", () => {
  it.each([
    ["maps and lists", "a: 1\nb:\n  - x\n  - y: z\n    w: v\n  -\n    q: r\nc:\n- e\n- - f\n  - g\n"],
    [
      "literal blocks",
      "a: |\n  x\n   y\n\n  z\n\n\nb: |-\n\n  q\nc: |+\n  r\n\nd:\n  - |\n    s\n  - t: |- # c\n      u\n",
    ],
    ["a last line of blanks without an end, kept", "a: |+\n  x\n  "],
    ["blank lines in literal blocks", "a: |\n    x\n  \n      \n    y\n   \nb: |+\n  z\n \n   \nc: d\n"],
    [
      "keys in another order, and some of them",
      "- {}\n- a: 1\n  b: 2\n- b: 3\n  a: 4\n- a: 5\n- 'a': 6\n  \"b\": 7\n- ab: 8\n",
    ],
    ["blanks that YAML takes for letters", "a: b\u00a0\nc: d\n  \ufeffe\u00a0\nf: g  \n"],
    ["comments", "# c\na:  # c\n  # c\n\n  b: x # c\n# c\n  c: y#z\n"],
    ["quotes", `a: 'it''s' # c\nb: "q\\"\\u00e9\\n"\n"c d": ''\n'e f': "g # h: i"\nj: 'k\\'\n`],
    ["brackets", 'a: [b, \'c\', "d", 1, {e: f, "g": [], h: true}] # c\ni: {}\nj: []\nk: [l m, -n, o/p.q]\n'],
    [
      "words and numbers",
      "a: ~\nb: null\nc: True\nd: 0x1f\ne: .5\nf: 1e3\ng: 012\nh: 1.2.3\ni: no\nj: 0o17\nk: -1\n",
    ],
    ["folded lines", "a: some text\n  that goes on\n  and on\nb: - \n"],
  ])("%s", (_, text) => {
    const known = text.replace("b: - \n", "");
    expect(plain(fast(known))).toEqual(plain(composed(known)));
    expect(fast(known)).toBeDefined();
  });
});

test("what letters, brackets and blocks make of a text is the same as by the real parser", () => {
  const texts = [
    // The first and the last letter, also behind a mark that is no letter.
    ..."azAZ_.$/".split("").map((first) => `${first}b-9.c: ${first}d\n`),
    "a: [z, Z, a, A, .5, +1, -1, -.inf, .nan, null, True]\n",
    "a: -b\nc: --d\ne: -1x\n",
    "a: 'b\\c'\n'd e': 1\n",
    "a: |+\n  b\n\n\nc: |-\n  d\n\n",
    "a: |\n  b\n\n",
    "a: |\n  b",
    "- |\n  a\n-\n  - |-\n    b\n    c\n",
    `a: ${"[".repeat(20)}${"]".repeat(20)}\n`,
    'a: ["b\\tc", "\\u00e9\\"", \'d\'\'e\']\n',
    'a: { "b c": 1, d: [], "e": {} }\n',
  ];
  for (const text of texts) {
    expect([text, plain(fast(text))]).toEqual([text, plain(composed(text))]);
    expect(fast(text), text).toBeDefined();
  }
});

test("what has anchors, tags, folded blocks or faults is left to the real parser", () => {
  const texts = [
    "a: &x 1",
    "a: *x",
    "a: !!str 1",
    "a: >\n  b",
    "a: b: c",
    "a: 'b",
    "a:\n\tb: c",
    "? a",
    "a: 1\n b: 2",
    "a: b\t",
    "'<<': { a: 1 }",
    '"a\\\\b": c',
    "'a\tb': c",
    "'a",
    "a: [b c: d]",
    "a: [b 'c']",
    "a: [b",
    "a: 'b'#c",
    "a: [b]#c",
    "a: { b:c }",
    "a: { << : 1 }",
    "a: { '<<': { b: 1 } }",
    "a: { b }",
    'a: ["\\x41"]',
    "a: -\tb",
    "a: - b",
    `a: ${"[".repeat(22)}${"]".repeat(22)}`,
  ];
  expect(texts.map((text) => fast(`${text}\n`))).toEqual(texts.map(() => undefined));
});

const word = fc.oneof(
  fc.constantFrom(
    "a",
    "b-c",
    "x: y",
    "# z",
    "- q",
    "true",
    "null",
    "1",
    "$(A_SERVICE_HOST)",
    "it's",
    '"',
    "|",
    "",
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: fc.constantFrom("a", " ", "\n", "#", ":", "-", "'", "é"), maxLength: 20 }),
);
const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    word,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie("list"),
    tie("map"),
  ),
  list: fc.array(tie("value"), { maxLength: 4 }),
  map: fc.dictionary(fc.stringMatching(/^[a-z][\w.-]{0,6}$/), tie("value"), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
})).map;

test("whatever it reads, the real parser reads the same", () => {
  const style = fc.record({
    defaultStringType: fc.constantFrom(
      ...(["PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL"] as const),
    ),
    collectionStyle: fc.constantFrom(...(["any", "block", "flow"] as const)),
    indentSeq: fc.boolean(),
    indent: fc.constantFrom(2, 4),
    lineWidth: fc.constantFrom(0, 40),
  });
  fc.assert(
    fc.property(tree, style, (value, options) => {
      const text = stringify(value, options);
      const read = fast(text);
      if (read) expect(plain(read)).toEqual(plain(composed(text)));
    }),
    { numRuns: runs(500) },
  );
});

test("lines at random are read as by the real parser, or left to it", () => {
  const line = fc
    .tuple(
      fc.constantFrom("", "  ", "    ", " ", "\t"),
      fc.constantFrom("- ", "", "a: ", "b:", "'c': ", "-", "- - "),
      fc.constantFrom(
        "x",
        "x y",
        "|",
        "|-",
        "[a, b]",
        "{a: b}",
        '"q"',
        "'q'",
        "# c",
        "x # c",
        "1",
        "",
        "[a",
        "x: y",
        "&a",
      ),
    )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const text = `${lines.join("\n")}\n`;
      const read = fast(text);
      if (read) expect(plain(read)).toEqual(plain(composed(text)) ?? null);
    }),
    { numRuns: runs(3000) },
  );
});

describe("what only the real parser reads", () => {
  it.each([
    ["an alias of a map, a list and a text", "a: &m { b: 1 }\nc: &l [x]\nd: &t y\ne: [*m, *l, *t]\n"],
    ["an anchor on a key", "&k a: b\nc: *k\n"],
    ["an alias without an anchor before it", "a: b\nc: *d\n"],
    ["the last of two anchors with one name", "a: &x 1\nb: &x 2\nc: *x\n"],
    [
      "an anchor that is redefined within what an alias stands for",
      "a: &x { b: &y 1 }\nc: &y 2\nd: *x\ne: *y\n",
    ],
    [
      "an alias within what an alias stands for, redefined since",
      "a: &y 1\nb: &x { c: *y }\nd: &y 2\ne: *x\n",
    ],
    ["a merge, of which what is written goes first", "a: &a { b: 1, c: 2 }\nd: { c: 3, <<: *a }\n"],
    [
      "a merge of several, of which the first goes first",
      "a: &a { b: 1 }\nc: &c { b: 2, d: 3 }\ne:\n  <<: [*a, *c]\n",
    ],
    ["a merge of nothing", "a: { <<: ~, b: &x c }\n"],
    ["keys that are numbers, or nothing", "&x 1: a\n0x10: b\n~: c\ntrue: d\n? e\n"],
    ["keys that are no texts", "? [a, b]\n: c\nd: &x e\n"],
    ["tags", "a: !!str 1\nb: !!int '2'\nc: !!null ''\n"],
    ["folded and literal blocks", "a: >\n  b\n  c\nd: &x |\n  e\n  f\n"],
    ["a text and nothing else", "&x a\n"],
    ["only a comment", "# a\n&x\n"],
    ["values without text", "a: &x\nb:\n- &y\n-\n"],
    ["a text of several lines in quotes", 'a: "b\n  c"\nd: e\n'],
  ])("%s", (_, text) => {
    expect(fast(text)).toBeUndefined();
    const source = { firstLine: 1, start: 0, placeAt: placesOf({ file: "f", text }) };
    const { root, faults } = parseComposedManifest(text, source);
    expect(`${text}\n${shownNode(root)}\n${shownFaults(faults)}`).toMatchSnapshot();
  });

  it("is refused where aliases multiply, with what to do, and the others are read", () => {
    const nine = (name: string) => Array.from({ length: 9 }, () => `*${name}`).join(", ");
    const laughs = ["a", "b", "c", "d", "e", "f", "g"].map(
      (name, at, all) => `  ${name}: &${name} [${at === 0 ? "ha" : nine(all[at - 1] ?? "")}]\n`,
    );
    const text = `${object("a")}${object("laughs", `data:\n${laughs.join("")}`)}${object("b")}`;
    const { objects, faults } = read(text);
    expect(objects.map(({ name, line }) => [name, line])).toEqual([
      ["a", 2],
      ["b", 16],
    ]);
    expect(shownFaults(faults)).toMatchSnapshot();
    const fewer = object("few", `data:\n${laughs.slice(0, -1).join("")}`);
    expect(read(fewer).faults).toEqual([]);
  });

  it("is refused where an alias stands for what it is in", () => {
    const { objects, faults } = read(object("circle", "data: &d { a: *d }\n"));
    expect(objects).toEqual([]);
    expect(faults.map(({ code }) => code)).toEqual(["too-many-values"]);
  });

  it("is refused where aliases of aliases make it too deep", () => {
    const nested = (levels: number) =>
      Array.from(
        { length: levels },
        (_, at) => `  a${at}: &a${at} [${at === 0 ? "x" : `*a${at - 1}`}]\n`,
      ).join("");
    expect(read(object("deep", `data:\n${nested(199)}`)).faults.map(({ code }) => code)).toEqual([
      "too-deep",
    ]);
    expect(read(object("deep", `data:\n${nested(198)}`)).faults).toEqual([]);
    // What stands behind the deepest of it makes it no less deep.
    const list = (levels: number, of: string) => `${"[".repeat(levels)}${of}${"]".repeat(levels)}`;
    const deep = (levels: number) => `data:\n  a: &a [${list(150, "x")}, &b y]\n  c: ${list(levels, "*a")}\n`;
    expect(read(object("deep", deep(47))).faults).toEqual([]);
    expect(read(object("deep", deep(48))).faults.map(({ code }) => code)).toEqual(["too-deep"]);
  });

  it("may have just so many values, with all aliases written out", () => {
    const list = (length: number, of: string) => `[${Array.from({ length }, () => of).join(", ")}]`;
    const many = (more: string) => `data:\n  a: &a ${list(5262, "x")}\n  b: ${list(37, "*a")}\n${more}`;
    expect(read(object("many", many(""))).faults).toEqual([]);
    expect(read(object("many", many("  c: x\n"))).faults.map(({ code }) => code)).toEqual([
      "too-many-values",
    ]);
  });

  const object = (name: string, rest = "") => `---\nkind: ConfigMap\nmetadata: &m { name: ${name} }\n${rest}`;
  const read = (text: string) => readRenderedObjects({ file: "f.yaml", text });
  const longText = (mebibytes: number) =>
    `data:\n  text: |\n${`    ${"x".repeat(1019)}\n`.repeat(mebibytes * 1024)}`;
  const deepList = (levels: number) => `data: ${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}\n`;

  it("may be as long and as deep as what the other readers take", () => {
    const { objects, faults } = read(object("long", longText(1.5)) + object("deep", deepList(200)));
    expect(faults).toEqual([]);
    expect(objects.map(({ name }) => name)).toEqual(["long", "deep"]);
  });

  it("is refused where it is too long or too deep, as one document of those in the file", () => {
    const text = object("a") + object("long", longText(2)) + object("deep", deepList(201)) + object("b");
    const { objects, faults } = read(text);
    expect(faults.map(({ code, message, place }) => [code, message, place?.line])).toEqual([
      ["too-long", "this document is longer than 2 MiB", 5],
      ["too-deep", "this lies more than 200 levels deep", 2060],
    ]);
    expect(objects.map(({ name }) => name)).toEqual(["a", "b"]);
  });
});
