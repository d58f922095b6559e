import { join } from "node:path";
import { expect, it } from "vitest";
import { loadRegistry } from "../../src/io/registry-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

it("a registry is read from its file, which its places name", async () => {
  const file = join(
    temporaryFolder({ "r.yaml": "version: 1\nnamespaces: { n: { support: [p] } }\n" }),
    "r.yaml",
  );
  const registry = await loadRegistry(file);
  expect(registry).toMatchObject({ ok: true, value: { file } });
  expect(registry.ok && registry.value.namespaces.get("n")?.place).toMatchObject({ file, line: 2 });
});

it("faults of the file are all told, and none is thrown", async () => {
  const file = join(temporaryFolder({ "r.yaml": "version: 2\nnamespace: {}\n" }), "r.yaml");
  const registry = await loadRegistry(file);
  expect(registry.ok ? [] : registry.failure.map(({ place }) => place?.line)).toEqual([1, 2]);
});

it("a file that cannot be read is a fault that names it", async () => {
  const file = join(temporaryFolder(), "none.yaml");
  expect(await loadRegistry(file)).toMatchObject({
    ok: false,
    failure: [{ code: "registry-unreadable", message: expect.stringContaining(file) }],
  });
});
