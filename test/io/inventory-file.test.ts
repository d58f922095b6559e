import { truncateSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadInventory } from "../../src/io/inventory-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function message(file: string): Promise<string> {
  const result = await loadInventory(file);
  return result.ok ? "none" : result.failure.map((diagnostic) => diagnostic.message).join("\n");
}

test("an inventory is read from its file", async () => {
  const file = fileURLToPath(new URL("../../fixtures/inventories/services-eqiad.json", import.meta.url));
  const result = await loadInventory(file);
  expect(result.ok && [result.value.environment, result.value.services.length]).toEqual(["eqiad", 64]);
});

test("a file that is missing, a directory or too big says so", async () => {
  const folder = temporaryFolder({ big: "", faulty: "{" });
  truncateSync(join(folder, "big"), 64 * 1024 * 1024 + 1);
  expect(await message(join(folder, "gone"))).toBe(
    `the inventory ${folder}/gone cannot be read: no such file or directory`,
  );
  expect(await message(folder)).toBe(`the inventory ${folder} cannot be read: it is a directory`);
  expect(await message(join(folder, "big"))).toBe(
    `the inventory ${folder}/big cannot be read: it has 65 MiB, and an inventory has at most 64`,
  );
  expect(await message(join(folder, "faulty"))).toContain("the file ends in the middle");
});
