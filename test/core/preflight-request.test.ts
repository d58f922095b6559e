import fc from "fast-check";
import { expect, it } from "vitest";
import { parsePreflightRequest } from "../../src/core/preflight/preflight-request.ts";
import { shownFaults } from "../support/shown-faults.ts";

function parse(text: string) {
  return parsePreflightRequest({ file: "standard input", text });
}

function faults(text: string): string {
  const parsed = parse(text);
  return parsed.ok ? "none" : shownFaults(parsed.failure);
}

it("a request names releases by their id or by two keys, and perhaps the environment", () => {
  const releases = ["mw-web/main", { namespace: "mw-web", release: "canary" }];
  const targets = [
    { namespace: "mw-web", release: "main" },
    { namespace: "mw-web", release: "canary" },
  ];
  expect(parse(JSON.stringify({ version: 1, environment: "eqiad", releases }))).toEqual({
    ok: true,
    value: { environment: "eqiad", targets },
  });
  expect(parse(`\uFEFF${JSON.stringify({ releases })}`)).toEqual({ ok: true, value: { targets } });
});

it("a request with more faults than can be gathered, or nested deeper than can be shown, is refused", () => {
  const releases = (items: string) => faults(`{"environment":"eqiad","releases":[${items}]}`);
  expect(releases(Array(300_000).fill("5").join())).toBe(
    "[too-many-faults] error: the request has too many faults to tell",
  );
  expect(releases(`${"[".repeat(8000)}${"]".repeat(8000)}`)).toContain("error: releases[0] is a list\n");
});

it("all faults of a request are shown at once, each in its place", () => {
  const text = `{
  "version": 1,
  "enviroment": "eqiad",
  "releases": [
    "mw-web",
    "mw-web/main/x",
    "MW/main",
    { "namespace": "mw-web", "relase": "main" },
    { "namespace": "mw-web", "release": 3 },
    7
  ]
}`;
  expect(faults(text)).toMatchInlineSnapshot(`
    "[unknown-key] standard input:3:3: error: enviroment is not a key that is known here
      3 |   "enviroment": "eqiad",
        |   ^^^^^^^^^^^^
      expected: perhaps environment

    [wrong-type] standard input:5:5: error: releases[0] is the text "mw-web"
      5 |     "mw-web",
        |     ^^^^^^^^
      expected: the text "NAMESPACE/RELEASE", or an object with "namespace" and "release"

    [wrong-type] standard input:6:5: error: releases[1] is the text "mw-web/main/x"
      6 |     "mw-web/main/x",
        |     ^^^^^^^^^^^^^^^
      expected: the text "NAMESPACE/RELEASE", or an object with "namespace" and "release"

    [invalid-name] standard input:7:5: error: releases[2].namespace is not valid: "MW"
      7 |     "MW/main",
        |     ^^^^^^^^^
      expected: the name of a namespace: at most 63 lower-case letters, digits and dashes

    [missing-key] standard input:8:5: error: releases[3].release is missing
      8 |     { "namespace": "mw-web", "relase": "main" },
        |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      expected: the name of a release

    [unknown-key] standard input:8:30: error: releases[3].relase is not a key that is known here
      8 |     { "namespace": "mw-web", "relase": "main" },
        |                              ^^^^^^^^
      expected: perhaps release

    [wrong-type] standard input:9:41: error: releases[4].release is 3
      9 |     { "namespace": "mw-web", "release": 3 },
        |                                         ^
      expected: the name of a release

    [wrong-type] standard input:10:5: error: releases[5] is 7
      10 |     7
         |     ^
      expected: the text "NAMESPACE/RELEASE", or an object with "namespace" and "release""
  `);
});

it("what is no request at all is refused in words", () => {
  const texts = [
    "",
    " \n",
    '{"releases": [',
    "releases: []",
    "[]",
    "{}",
    '{"environment": "-e", "releases": []}',
    '{"version": 2, "targets": []}',
    '{"releases": []}{"releases": []}',
  ];
  expect(texts.map(faults).join("\n\n")).toMatchInlineSnapshot(`
    "[empty-file] error: standard input is empty
      expected: a request, for example {"environment": "eqiad", "releases": ["mw-web/main"]}
      to do: check that the program that writes the request has succeeded

    [empty-file] error: standard input is empty
      expected: a request, for example {"environment": "eqiad", "releases": ["mw-web/main"]}
      to do: check that the program that writes the request has succeeded

    [invalid-json] standard input:1:15: error: the request ends in the middle: it is cut off
      1 | {"releases": [
        |               ^
      expected: a value

    [invalid-json] standard input:1:1: error: this is not JSON
      1 | releases: []
        | ^
      expected: a value

    [wrong-type] standard input:1:1: error: the request is a list
      1 | []
        | ^^
      expected: an object, for example {"environment": "eqiad", "releases": ["mw-web/main"]}

    [missing-key] standard input:1:1: error: releases is missing
      1 | {}
        | ^^
      expected: a list, for example ["mw-web/main"]

    [invalid-name] standard input:1:17: error: environment is not valid: "-e"
      1 | {"environment": "-e", "releases": []}
        |                 ^^^^
      expected: the name of an environment: letters, digits, dots, dashes and underscores

    [unknown-version] standard input:1:13: error: this version of the format is not known: 2
      1 | {"version": 2, "targets": []}
        |             ^
      expected: "version": 1

    [several-requests] standard input:1:17: error: something stands behind the request
      1 | {"releases": []}{"releases": []}
        |                 ^
      expected: one request, and nothing else"
  `);
});

it("a key that stands twice, of which only one would count, is refused in its place", () => {
  expect(faults('{\n  "releases": ["mw-web/main"],\n  "releases": []\n}')).toMatchInlineSnapshot(`
    "[repeated-key] standard input:3:3: error: releases stands there twice, and only one would count
      3 |   "releases": []
        |   ^^^^^^^^^^
      expected: each key once"
  `);
  const inAnItem = '{ "releases": [{ "namespace": "a", "namespace": "b", "release": "main" }] }';
  expect(faults(inAnItem)).toContain("1:36: error: releases[0].namespace stands there twice");
});

it("of very many faults the first are told, and how many more there are", () => {
  const told = faults(JSON.stringify({ releases: Array(23).fill(5) })).split("\n\n");
  expect(told.slice(19).map((fault) => fault.split("\n")[0])).toEqual([
    "[wrong-type] standard input:1:52: error: releases[19] is 5",
    "[more-faults] error: and 3 more",
  ]);
});

it("what is long is cut off, and what is like no key has none that was meant", () => {
  const name = (length: number) => "x".repeat(length);
  const shownOf = (environment: string) =>
    faults(JSON.stringify({ environment, releases: [] })).split("\n")[0];
  expect(shownOf(name(78))).toBe(
    `[invalid-name] standard input:1:16: error: environment is not valid: "${name(78)}"`,
  );
  expect(shownOf(name(79))).toBe(
    `[invalid-name] standard input:1:16: error: environment is not valid: "${name(78)}…`,
  );
  expect(faults('{ "colour": "red", "releases": [] }')).toMatchInlineSnapshot(`
    "[unknown-key] standard input:1:3: error: colour is not a key that is known here
      1 | { "colour": "red", "releases": [] }
        |   ^^^^^^^^
      expected: one of version, environment, releases"
  `);
});

it("anything is read or refused", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      const parsed = parse(text);
      expect(parsed.ok || parsed.failure.length > 0).toBe(true);
    }),
  );
});
