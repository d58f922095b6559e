import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { serviceDigests } from "../../src/io/service-files.ts";
import { plan, step } from "../support/plan.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

function service() {
  const folder = temporaryFolder({
    "helmfile.yaml": "releases: []",
    "values.yaml": "a: 1",
    "chart/Chart.yaml": "",
  });
  const digest = async () => {
    const of = plan([step("a", [], { service: "a", helmfile: join(folder, "helmfile.yaml") })]);
    return (await serviceDigests(of)).get("a");
  };
  return { folder, digest };
}

it("another text, another name, or a file in place of a folder is another digest; the same files are the same", async () => {
  const { folder, digest } = service();
  const before = await digest();
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  expect(await digest()).toBe(before);
  writeFileSync(join(folder, "values.yaml"), "a: 2");
  const after = await digest();
  expect(after).not.toBe(before);
  writeFileSync(join(folder, "more.yaml"), "");
  expect(await digest()).not.toBe(after);
});

it("links are not followed, wherever they lead", async () => {
  const { folder, digest } = service();
  for (const [name, target] of [
    ["loop1", "."],
    ["loop2", "."],
    ["all", "/"],
    ["gone", "nowhere"],
  ] as const)
    symlinkSync(target, join(folder, name));
  expect(await digest()).toMatch(/^[0-9a-f]{64}$/);
});

it("what helm packs anew each time does not count", async () => {
  const { folder, digest } = service();
  const before = await digest();
  writeFileSync(join(folder, "chart/Chart.lock"), "x");
  expect(await digest()).toBe(before);
});

it("a folder with more than any service has is not digested", async () => {
  const { folder, digest } = service();
  for (let at = 0; at < 2_001; at += 1) writeFileSync(join(folder, `${at}`), "");
  expect(await digest()).toBeUndefined();
});
