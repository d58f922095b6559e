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
