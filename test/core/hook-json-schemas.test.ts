import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { hookJsonSchemas } from "../../src/core/hooks/hook-json-schemas.ts";
import type { HookName, HookRequests, Hooks } from "../../src/core/hooks/hooks.ts";
import { createHooks } from "../../src/plugin.ts";
import { eqiadRequests, wikimedia, writtenEqiad } from "../support/eqiad-requests.ts";
import { FakeCluster } from "../support/fake-cluster.ts";

const folder = new URL("../../schemas/", import.meta.url);
const hooks = Object.keys(eqiadRequests) as HookName[];
const ajv = new Ajv({ strict: true, allErrors: true });

/** What the committed schema has against a value. */
function faultsOf(hook: HookName, direction: "request" | "answer", value: unknown): readonly unknown[] {
  const file = new URL(`${hook.replace(":", "-")}.${direction}.json`, folder);
  const validate = ajv.compile(JSON.parse(readFileSync(file, "utf8")));
  // As it comes over a pipe.
  return validate(JSON.parse(JSON.stringify(value))) ? [] : (validate.errors ?? []);
}

it("the committed JSON Schemas are the ones that the zod schemas give (npm run build && npm run schema)", () => {
  const committed = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")]);
  const written = Object.entries(hookJsonSchemas()).map(([name, schema]) => [
    name,
    `${JSON.stringify(schema, null, 2)}\n`,
  ]);
  expect(Object.fromEntries(committed)).toEqual(Object.fromEntries(written));
});

it("the package gives each of them by its name", () => {
  const { resolve } = createRequire(import.meta.url);
  for (const name of Object.keys(hookJsonSchemas()))
    expect(resolve(`charlie-plugin-mediawiki/schemas/${name}`)).toBe(fileURLToPath(new URL(name, folder)));
});

describe("the committed JSON Schemas of", () => {
  const open = new FakeCluster({}).open;
  const answers: Hooks = createHooks(wikimedia, open);

  async function answerTo<Name extends HookName>(hook: Name, request: HookRequests[Name]) {
    return answers[hook]?.(request);
  }

  it.each(hooks)("%s take a request and its answer, and no key too many", async (hook) => {
    const request = eqiadRequests[hook];
    const answer = await answerTo(hook, request);
    expect(faultsOf(hook, "request", request)).toEqual([]);
    expect(faultsOf(hook, "answer", answer)).toEqual([]);
    expect(faultsOf(hook, "request", { ...request, colour: "red" })).not.toEqual([]);
    expect(faultsOf(hook, "answer", { ...answer, colour: "red" })).not.toEqual([]);
    expect(faultsOf(hook, "request", { ...request, version: 2 })).not.toEqual([]);
  });

  it("trees take what the verb inventory writes", () => {
    const request = { ...eqiadRequests["releases:classify"], tree: writtenEqiad };
    expect(faultsOf("releases:classify", "request", request)).toEqual([]);
    const tree = { ...writtenEqiad, environments: [] };
    expect(faultsOf("releases:classify", "request", { ...request, tree })).not.toEqual([]);
  });

  it("answers take what a plugin answers that gives reasons instead", async () => {
    const asked = eqiadRequests["rollout:plan"];
    const selection = { ...asked.selection, resumeAt: "apertum" };
    const plan = await answerTo("rollout:plan", { ...asked, selection });
    expect(plan).toMatchObject({ diagnostics: [{ severity: "error" }] });
    expect(faultsOf("rollout:plan", "answer", plan)).toEqual([]);
    const request = { ...eqiadRequests["rollout:preflight"], deployments: { file: "x", text: "[" } };
    const report = await answerTo("rollout:preflight", request);
    expect(report).not.toHaveProperty("report");
    expect(faultsOf("rollout:preflight", "answer", report)).toEqual([]);
  });
});
