import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { parseDeployments } from "../../src/core/preflight/mediawiki-deployments.ts";
import { shownFaults } from "../support/shown-faults.ts";

function parse(text: string, environment = "eqiad") {
  return parseDeployments({ file: "deployments.yaml", text }, environment);
}

function faults(text: string): string {
  const parsed = parse(text);
  return parsed.ok ? "none" : shownFaults(parsed.failure);
}

const items = `
- namespace: mw-web
  releases:
    main: {}
    canary:
      stage: canaries
      mw_flavour: publish
    maintenance: { deploy: false }
    migration:
  mw_flavour: publish
- namespace: mw-dse
  releases: { main: { deploy: true } }
  dir: dse
  clusters: [dse-eqiad]
- namespace: mw-none
  releases: { main: {} }
  clusters: []
`;

describe("scap's deployments file", () => {
  it("that has nothing for the environment, but for others, is taken for a mistake in its name", () => {
    const elsewhere = parse(
      "- { namespace: mw-web, releases: { main: {} }, clusters: [codfw, eqiad] }",
      "eqaid",
    );
    expect(elsewhere.ok ? "" : renderDiagnostics(elsewhere.failure)).toMatchInlineSnapshot(`
      "deployments.yaml:1:1: error: nothing of it is deployed in eqaid
        1 | - { namespace: mw-web, releases: { main: {} }, clusters: [codfw, eqiad] }
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        expected: one of the environments that it names: codfw, eqiad
        to do: did you mean -e eqiad?"
    `);
    expect(parse("- { namespace: mw-web, releases: { main: { deploy: false } } }").ok).toBe(true);
    expect(parse("[]").ok).toBe(true);
  });

  it("tells what is deployed here, and why the rest is not", () => {
    expect(parse(items)).toEqual({
      ok: true,
      value: {
        targets: [
          { namespace: "mw-web", release: "main" },
          { namespace: "mw-web", release: "canary" },
          { namespace: "mw-web", release: "migration" },
        ],
        skipped: [
          { namespace: "mw-web", release: "maintenance", reason: "it says deploy: false" },
          { namespace: "mw-dse", release: "main", reason: "its clusters are dse-eqiad, not eqiad" },
          { namespace: "mw-none", release: "main", reason: "its clusters are none, not eqiad" },
        ],
      },
    });
    expect(parse(items, "dse-eqiad")).toMatchObject({ value: { targets: { length: 4 } } });
  });

  it("may be a map with other keys beside the list, and JSON", () => {
    const map = `supervision_rules: [{ scope: train }]\ndeployment_targets:${items}`;
    expect(parse(map)).toEqual(parse(items));
    const json = JSON.stringify([{ namespace: "mw-web", releases: { main: null } }]);
    expect(parse(json)).toMatchObject({ value: { targets: [{ namespace: "mw-web", release: "main" }] } });
    expect(parse("[]")).toEqual({ ok: true, value: { targets: [], skipped: [] } });
  });

  it("names a release once, and does not skip what another item deploys", () => {
    const text = `
- { namespace: mw-web, releases: { main: {}, next: { deploy: false } }, clusters: [codfw] }
- { namespace: mw-web, releases: { main: {} }, clusters: [eqiad] }
- { namespace: mw-web, releases: { main: {}, next: {} }, clusters: [codfw] }
- { namespace: mw-web, releases: { main: {} } }
`;
    expect(parse(text)).toEqual({
      ok: true,
      value: {
        targets: [{ namespace: "mw-web", release: "main" }],
        skipped: [{ namespace: "mw-web", release: "next", reason: "its clusters are codfw, not eqiad" }],
      },
    });
  });

  it("of many releases for many clusters is read in the time of its length, and tells some of the names", () => {
    const names = (count: number, letter: string) =>
      Array.from({ length: count }, (_, at) => `${letter}${at}`).join(", ");
    const item = `{ namespace: mw-web, releases: { ${names(30_000, "r")} }, clusters: [${names(30_000, "c")}] }`;
    const elsewhere = parse(`[${item}]`);
    expect(elsewhere.ok ? "" : elsewhere.failure[0]?.expected).toMatch(/: c0, c1, c10, .* and 29980 more$/);
    const read = parse(`[${item}, { namespace: mw-api, releases: { main: {} } }]`);
    expect(read.ok && read.value.skipped.length).toBe(30_000);
    expect(read.ok && read.value.skipped.at(-1)).toEqual({
      namespace: "mw-web",
      release: "r29999",
      reason: "its clusters are c0, c1, c2, c3, c4, c5, c6, c7 and 29992 more, not eqiad",
    });
  });

  it("shows all faults at once, each in its place", () => {
    expect(
      faults(`
- namespace: MW_web
  releases: [main]
  clusters: eqiad
- releases:
    Main: {}
    next: 3
    old: { deploy: "no" }
  namespace: 12
- namespace: mw-api
  clusters: [{}, "-e"]
- mw-misc
`),
    ).toMatchInlineSnapshot(`
      "[invalid-name] deployments.yaml:2:14: error: "MW_web" cannot be the name of a namespace
        2 | - namespace: MW_web
          |              ^^^^^^
        expected: at most 63 lower-case letters, digits and "-", neither beginning nor ending with "-"

      [wrong-value] deployments.yaml:3:13: error: releases is a list
        3 |   releases: [main]
          |             ^^^^^^
        expected: a map with the name of each release, for example { main: {}, canary: { stage: canaries } }

      [wrong-value] deployments.yaml:4:13: error: clusters is "eqiad"
        4 |   clusters: eqiad
          |             ^^^^^
        expected: a list of environments, for example [eqiad, codfw]
        to do: write it as a list: [eqiad]

      [invalid-name] deployments.yaml:6:5: error: "Main" cannot be the name of a release
        6 |     Main: {}
          |     ^^^^
        expected: at most 53 lower-case letters, digits, "-" and ".", a letter or digit first and last

      [wrong-value] deployments.yaml:7:11: error: the release next is the number 3
        7 |     next: 3
          |           ^
        expected: a map, for example { stage: canaries }, or {}

      [wrong-value] deployments.yaml:8:20: error: deploy is "no"
        8 |     old: { deploy: "no" }
          |                    ^^^^
        expected: true or false
        to do: write true or false

      [wrong-value] deployments.yaml:9:14: error: namespace is the number 12
        9 |   namespace: 12
          |              ^^
        expected: at most 63 lower-case letters, digits and "-", neither beginning nor ending with "-"

      [missing-key] deployments.yaml:10:3: error: this item has no key "releases"
        10 | - namespace: mw-api
           |   ^^^^^^^^^
        expected: a map with the name of each release, for example { main: {}, canary: { stage: canaries } }
        to do: add "releases"

      [wrong-value] deployments.yaml:11:14: error: this cluster is an empty map
        11 |   clusters: [{}, "-e"]
           |              ^^
        expected: the name of an environment

      [wrong-value] deployments.yaml:11:18: error: this cluster is "-e"
        11 |   clusters: [{}, "-e"]
           |                  ^^^^
        expected: the name of an environment

      [wrong-value] deployments.yaml:12:3: error: this item is "mw-misc"
        12 | - mw-misc
           |   ^^^^^^^
        expected: a map with "namespace" and "releases""
    `);
  });

  it("is told in words where it is no such file", () => {
    const texts = [
      "",
      "- a: [",
      "deployments: []",
      "{}",
      "deployment_targets: 3",
      "deployment_targets: *x",
      "mw-web/main",
    ];
    expect(texts.map((text) => `${text}\n${faults(text)}`).join("\n\n")).toMatchInlineSnapshot(`
      "
      [wrong-value] deployments.yaml:1:1: error: the file is empty
        1 | 
          | ^
        expected: a list of items with "namespace" and "releases", or a map that has one under "deployment_targets"
        to do: check that this is the file that scap reads its Kubernetes deployments from

      - a: [
      [not-yaml] deployments.yaml:1:6: error: not valid YAML: flow sequence in block collection must be sufficiently indented and end with a ]
        1 | - a: [
          |      ^
        deployments.yaml:1:6: this is not closed
        1 | - a: [
          |      ^
        to do: line up the keys of one map and the dashes of one list, and close every bracket

      deployments: []
      [missing-key] deployments.yaml:1:1: error: there is no key "deployment_targets"
        1 | deployments: []
          | ^^^^^^^^^^^
        expected: a list of items with "namespace" and "releases", or a map that has one under "deployment_targets"
        to do: check that this is the file that scap reads its Kubernetes deployments from

      {}
      [missing-key] deployments.yaml:1:1: error: there is no key "deployment_targets"
        1 | {}
          | ^^
        expected: a list of items with "namespace" and "releases", or a map that has one under "deployment_targets"
        to do: check that this is the file that scap reads its Kubernetes deployments from

      deployment_targets: 3
      [wrong-value] deployments.yaml:1:21: error: deployment_targets is the number 3
        1 | deployment_targets: 3
          |                     ^
        expected: a list of items with "namespace" and "releases", or a map that has one under "deployment_targets"
        to do: check that this is the file that scap reads its Kubernetes deployments from

      deployment_targets: *x
      [unknown-anchor] deployments.yaml:1:21: error: the alias *x has no anchor &x above it
        1 | deployment_targets: *x
          |                     ^^
        to do: if a glob is meant, put it in quotes: "*x"

      mw-web/main
      [wrong-value] deployments.yaml:1:1: error: the file is "mw-web/main"
        1 | mw-web/main
          | ^^^^^^^^^^^
        expected: a list of items with "namespace" and "releases", or a map that has one under "deployment_targets"
        to do: check that this is the file that scap reads its Kubernetes deployments from"
    `);
  });

  it("of another kind is not quoted as a whole", () => {
    for (const text of ["x ".repeat(450_000), "9".repeat(900_000)])
      expect(faults(text).split("\n")[0]?.length).toBeLessThan(200);
  });

  it("is read or refused, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), fc.constantFrom(items).chain(cut)), (text) => {
        const parsed = parse(text);
        expect(parsed.ok || parsed.failure.length > 0).toBe(true);
      }),
    );
  });
});

function cut(text: string) {
  return fc.nat(text.length).map((at) => text.slice(0, at));
}
