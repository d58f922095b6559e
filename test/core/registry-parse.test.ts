import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { shownFaults } from "../support/shown-faults.ts";

const fixtures = new URL("../../fixtures/registries/", import.meta.url);

function fixtureNames(folder: "valid" | "invalid"): string[] {
  return readdirSync(new URL(folder, fixtures)).filter((name) => name.endsWith(".yaml"));
}

function parseFixture(path: string) {
  const text = readFileSync(new URL(path, fixtures), "utf8");
  return parseRegistry({ file: path.slice(path.indexOf("/") + 1), text });
}

describe("what is wrong with a registry is shown with its place and what to do", () => {
  test.each(fixtureNames("invalid"))("%s", async (name) => {
    const parsed = parseFixture(`invalid/${name}`);
    const shown = parsed.ok ? "no faults" : shownFaults(parsed.failure);
    await expect(`${shown}\n`).toMatchFileSnapshot(
      new URL(`invalid/${name.replace(/yaml$/, "txt")}`, fixtures).pathname,
    );
    expect(parsed.ok).toBe(false);
  });
});

test("a value of any kind is shown in words, and what is odd about a text in its place", () => {
  const texts = [
    "version: true\n",
    "version: 1\nnamespaces: !!binary aGk=\n",
    "version: 1\ngateSeconds: [1]\nsettleSeconds: {}\n",
    "version: 1\nnamespaces:\n  ? [a, b]\n  : { support: [x] }\n  3: { support: [x] }\n",
    "---\n---\nversion: 1\n",
    "version: 1\nnamespaces:\n  a: { support: [{ release: x, environments: [a/b, 'a:b', 'a, b'] }] }\n",
    "version: 1\nnamespaces:\n  a: { support: ['x, y'] }\nlog: ['\n",
    'version: 1\nnamespaces:\n  a: { support: ["x] }\n',
    "version: 1\nlog: [@x\n",
  ];
  const told = texts.map((text) => {
    const parsed = parseRegistry({ file: "r.yaml", text });
    return `${text}\n${parsed.ok ? "no faults" : shownFaults(parsed.failure)}`;
  });
  expect(told.join("\n\n")).toMatchSnapshot();
});

/** The first support release of each namespace. */
function supportIn(text: string): Readonly<Record<string, string | undefined>> {
  const parsed = parseRegistry({ file: "r.yaml", text });
  if (!parsed.ok) throw new Error(shownFaults(parsed.failure));
  const { namespaces } = parsed.value;
  return Object.fromEntries(
    [...namespaces].map(([name, { classes }]) => [name, classes.support?.flat()[0]?.release]),
  );
}

test("an alias within what an alias stands for is what it was where it is written", () => {
  const text =
    "version: 1\nnamespaces:\n  a: { support: &list [x] }\n  b: &b { support: *list }\n  c: { support: &list [y] }\n  d: *b\n";
  expect(supportIn(text)).toEqual({ a: "x", b: "x", c: "y", d: "x" });
});

test("an alias stands for the last anchor of its name above it, also behind one that stood for others", () => {
  const text =
    "version: 1\nnamespaces:\n  a: &a { support: &list [x] }\n  b: { support: &list [y] }\n  c: *a\n  d: { support: *list }\n";
  expect(supportIn(text)).toEqual({ a: "x", b: "y", c: "x", d: "y" });
});

test("seconds are those that are written", () => {
  const parsed = parseRegistry({ file: "r.yaml", text: "version: 1\ngateSeconds: 77\nsettleSeconds: 7\n" });
  expect(parsed).toMatchObject({ value: { gateSeconds: 77, settleSeconds: 7 } });
});

describe("a valid registry keeps what was written, with the places", () => {
  test.each(fixtureNames("valid"))("%s", async (name) => {
    const parsed = parseFixture(`valid/${name}`);
    const shown = parsed.ok ? parsed.value : renderDiagnostics(parsed.failure);
    await expect(`${JSON.stringify(shown, plain, 2)}\n`).toMatchFileSnapshot(
      new URL(`valid/${name.replace(/yaml$/, "json")}`, fixtures).pathname,
    );
    expect(parsed.ok).toBe(true);
  });
});

test("environments are told where nothing asks for them, and the registry is good all the same", () => {
  const text = `version: 1
namespaces:
  shop:
    support: [{ release: db, environments: [north] }]
    mediawiki: [{ release: main, environments: [north] }]
    other:
      - cache
      - - release: web
          environments:
            - north
            - south
    sequence: [{ release: canary, environments: ["*"] }, production]
`;
  const parsed = parseRegistry({ file: "r.yaml", text });
  expect(renderDiagnostics((parsed.ok && parsed.value.warnings) || [])).toMatchInlineSnapshot(`
    "r.yaml:10:15: warning: the environments of "web" limit nothing in namespaces.shop.other: its order is the same in every environment
      10 |             - north
         |               ^^^^^
      expected: environments in support or mediawiki only, where they say where a release is required
      to do: write only its name: what is not installed in an environment is not waited for there

    r.yaml:12:50: warning: the environments of "canary" limit nothing in namespaces.shop.sequence: its order is the same in every environment
      12 |     sequence: [{ release: canary, environments: ["*"] }, production]
         |                                                  ^^^
      expected: environments in support or mediawiki only, where they say where a release is required
      to do: write only its name: what is not installed in an environment is not waited for there"
  `);
});

/** Maps as arrays of pairs, and places as `line:column text`, so that a person can read the snapshot. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return [...value];
  if (typeof value !== "object" || value === null || !("column" in value)) return value;
  const { line, column, length, text } = value as {
    line: number;
    column: number;
    length: number;
    text: string;
  };
  return `${line}:${column} ${text.slice(column - 1, column - 1 + length)}`;
}
