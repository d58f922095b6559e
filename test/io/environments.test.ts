import { join } from "node:path";
import { expect, test } from "vitest";
import { loadEnvironments } from "../../src/io/environments.ts";
import { recordedTree } from "../support/recorded-helmfile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test("the names of several helmfiles are put together", async () => {
  const folder = temporaryFolder({
    "a.yaml": "environments:\n  eqiad:\n",
    "b.yaml": "environments:\n  codfw:\n  eqiad:\n",
  });
  const files = ["a.yaml", "b.yaml"].map((name) => join(folder, name));
  expect(await loadEnvironments(files)).toEqual({ names: ["codfw", "eqiad"], isComplete: true });
  expect(await loadEnvironments([...files, join(folder, "gone")])).toEqual({
    names: ["codfw", "eqiad"],
    isComplete: false,
  });
});

test("a helmfile that takes its environments from elsewhere is told from one that has them", async () => {
  const service = (name: string): string => join(recordedTree, "services", name, "helmfile.yaml");
  expect(await loadEnvironments([service("codfw-only")])).toEqual({ names: ["codfw"], isComplete: true });
  expect(await loadEnvironments([service("codfw-only"), service("mw-web")])).toEqual({
    names: ["codfw"],
    isComplete: false,
  });
});
