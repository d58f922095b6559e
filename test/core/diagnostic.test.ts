import { expect, test } from "vitest";
import { renderDiagnostic, renderDiagnostics, renderPlace } from "../../src/core/common/diagnostic.ts";

const place = { file: "registry.yaml", line: 12, column: 5, length: 6, text: "    suport: [prometheus]" };

test("a place is written as editors and compilers write it", () => {
  expect(renderPlace(place)).toBe("registry.yaml:12:5");
});

test("a diagnostic shows its place, what was expected, the other places and what to do", () => {
  const rendered = renderDiagnostic({
    severity: "error",
    code: "unknown-key",
    message: 'unknown key "suport"',
    place,
    expected: "one of support, mediawiki",
    remedy: 'did you mean "support"?',
    related: [{ message: "it stands here first", place: { ...place, line: 9, length: 0 } }],
  });
  expect(`\n${rendered}\n`).toBe(`
registry.yaml:12:5: error: unknown key "suport"
  12 |     suport: [prometheus]
     |     ^^^^^^
  expected: one of support, mediawiki
  registry.yaml:9:5: it stands here first
  9 |     suport: [prometheus]
    |     ^
  to do: did you mean "support"?
`);
});

test("a diagnostic without a place is one line, and more lines of what to do are indented", () => {
  const rendered = renderDiagnostic({
    severity: "warning",
    code: "unclassified",
    message: "mw-web/new has no class",
    remedy: "add to registry.yaml:\nmw-web:\n  mediawiki: [new]",
  });
  expect(`\n${rendered}\n`).toBe(`
warning: mw-web/new has no class
  to do: add to registry.yaml:
    mw-web:
      mediawiki: [new]
`);
});

test("the underline keeps the tabs of the line, so that it stands below its text", () => {
  const rendered = renderDiagnostic({
    severity: "error",
    code: "x",
    message: "m",
    place: { file: "f", line: 1, column: 3, length: 2, text: "\ta\tbc" },
  });
  expect(rendered.split("\n").at(-1)).toBe("    | \t ^^");
});

test("between two diagnostics stands an empty line", () => {
  const one = { severity: "error", code: "x", message: "one" } as const;
  expect(renderDiagnostics([one, { ...one, message: "two" }])).toBe("error: one\n\nerror: two");
  expect(renderDiagnostics([])).toBe("");
});

test("of one file the first twenty errors are told, and how many more there are; warnings count for themselves", () => {
  const of = (severity: "error" | "warning", count: number, file: string) =>
    [...Array(count)].map((_, at) => ({
      ...{ severity, code: "x", message: `m${at}` },
      place: { ...place, file, text: "" },
    }));
  const all = [...of("warning", 21, "a"), ...of("error", 30_000, "a"), ...of("error", 20, "b")];
  const blocks = renderDiagnostics(all).split("\n\n");
  expect(blocks).toHaveLength(62);
  expect(blocks[20]).toBe("a:12:5: error: m0");
  expect(blocks.slice(-3)).toEqual([
    "b:12:5: error: m19",
    "warnings of a that are not shown: 1",
    "errors of a that are not shown: 29980",
  ]);
});

test("what a file holds does not steer the terminal", () => {
  const hostile = { ...place, text: "\u001b[2Jsuport: x", column: 5 };
  const rendered = renderDiagnostic({ severity: "error", code: "x", message: "m", place: hostile });
  expect(rendered).toContain("12 | \ufffd[2Jsuport: x");
});

test("what names and values hold neither steers the terminal nor makes a line of its own", () => {
  const hostile = "a\u001b[31mb\u009bc\u202ed\ne";
  const rendered = renderDiagnostic({
    ...{ severity: "error", code: "x", message: hostile, expected: hostile },
    place: { ...place, file: "a\nb.yaml", text: "su\u202eport: x" },
    remedy: `${hostile}\nsecond`,
  });
  expect(rendered.split("\n")).toEqual([
    "a b.yaml:12:5: error: ab c d e",
    "  12 | su\ufffdport: x",
    "     |     ^^^^^^",
    "  expected: ab c d e",
    "  to do: ab c d",
    "    e",
    "    second",
  ]);
});

test("words without end are cut off", () => {
  const rendered = renderDiagnostic({ severity: "error", code: "x", message: "m".repeat(900_000) });
  expect(rendered.length).toBeLessThan(5000);
});

test("of a very long line only the part around the place is shown, and the underline stands below it", () => {
  const text = `${"a".repeat(5000)}suport${"b".repeat(5000)}`;
  const rendered = renderDiagnostic({
    severity: "error",
    code: "x",
    message: "m",
    place: { ...place, text, column: 5001, length: 6 },
  });
  const [, line = "", underline = ""] = rendered.split("\n");
  expect(line.length).toBeLessThan(200);
  expect(line.slice(underline.indexOf("^"), underline.lastIndexOf("^") + 1)).toBe("suport");
});

test("a line that was not kept is named, and nothing is shown in its stead", () => {
  const unkept = { ...place, text: "", column: 171, length: 1 };
  const rendered = renderDiagnostic({ severity: "error", code: "x", message: "m", place: unkept });
  expect(rendered).toBe(`${place.file}:12:171: error: m`);
});
