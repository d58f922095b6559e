import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findServices } from "../../src/io/services.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function found(servicesDir: string): Promise<{ services: string[]; unreadable: string[] }> {
  const result = await findServices(servicesDir);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return {
    services: result.value.services.map(({ helmfile }) => helmfile),
    unreadable: result.value.unreadable.map(({ service }) => service),
  };
}

async function message(servicesDir: string): Promise<string> {
  const result = await findServices(servicesDir);
  return result.ok ? "none" : result.failure.map((diagnostic) => diagnostic.message).join("\n");
}

test("every directory with a helmfile is a service, at any depth, sorted by name", async () => {
  const folder = temporaryFolder({
    "mw-web/helmfile.yaml": "",
    "a/helmfile.yaml.gotmpl": "",
    "a/inner/deep/helmfile.yaml": "",
    "a/values.yaml": "",
    "both/helmfile.yaml": "",
    "both/helmfile.yaml.gotmpl": "",
    "none/values.yaml": "",
    "B/helmfile.yaml": "",
  });
  mkdirSync(join(folder, "directory/helmfile.yaml"), { recursive: true });
  expect((await found(folder)).services).toEqual([
    "B/helmfile.yaml",
    "a/helmfile.yaml.gotmpl",
    "a/inner/deep/helmfile.yaml",
    "both/helmfile.yaml",
    "mw-web/helmfile.yaml",
  ]);
});

test("directories that begin with an underscore or a dot are skipped with all below them", async () => {
  const folder = temporaryFolder({
    "_example_/helmfile.yaml": "",
    ".git/x/helmfile.yaml": "",
    "a/_old/helmfile.yaml": "",
    "a/helmfile.yaml": "",
  });
  expect(await found(folder)).toEqual({ services: ["a/helmfile.yaml"], unreadable: [] });
});

test("links to directories are followed, and never in a circle", async () => {
  const outside = temporaryFolder({ "helmfile.yaml": "", "deeper/helmfile.yaml": "" });
  const folder = temporaryFolder({ "a/helmfile.yaml": "" });
  symlinkSync(outside, join(folder, "linked"));
  symlinkSync(folder, join(folder, "a/up"));
  symlinkSync(".", join(folder, "self"));
  symlinkSync("nowhere", join(folder, "dangling"));
  symlinkSync("loop", join(folder, "loop"));
  symlinkSync(folder, join(outside, "back"));
  const { services } = await found(folder);
  expect(services).toEqual(["a/helmfile.yaml", "linked/helmfile.yaml", "linked/deeper/helmfile.yaml"]);
});

test("many directories with links to one another come to an end", async () => {
  const names = Array.from({ length: 12 }, (_, index) => `d${index}`);
  const folder = temporaryFolder();
  const outside = temporaryFolder(Object.fromEntries(names.map((name) => [`${name}/helmfile.yaml`, ""])));
  for (const name of names) {
    for (const other of names) symlinkSync(join(outside, other), join(outside, name, `to-${other}`));
  }
  symlinkSync(outside, join(folder, "linked"));
  expect((await found(folder)).services.length).toBeLessThan(12 * 14);
});

test("a link to a helmfile is kept, also where it leads nowhere: helmfile says what is wrong", async () => {
  const folder = temporaryFolder({ "shared.yaml": "" });
  for (const name of ["a", "b"]) mkdirSync(join(folder, name));
  symlinkSync("../shared.yaml", join(folder, "a/helmfile.yaml"));
  symlinkSync("nowhere", join(folder, "b/helmfile.yaml"));
  expect((await found(folder)).services).toEqual(["a/helmfile.yaml", "b/helmfile.yaml"]);
});

test("a path that is no name of a service is unreadable, and so is a helmfile at the top", async () => {
  const folder = temporaryFolder({
    "helmfile.yaml": "",
    "-f/helmfile.yaml": "",
    "a b/c/helmfile.yaml": "",
    "x\n\u001b[31m/helmfile.yaml": "",
    "ok/helmfile.yaml": "",
  });
  expect(await found(folder)).toEqual({
    services: ["ok/helmfile.yaml"],
    unreadable: ["-f", ".", "a b/c", "x��[31m"],
  });
});

test("a services directory that cannot be read, or holds none, says so", async () => {
  const folder = temporaryFolder({ file: "", "empty/values.yaml": "" });
  expect(await message(join(folder, "gone"))).toBe(
    `the services directory ${folder}/gone cannot be read: no such file or directory`,
  );
  expect(await message(join(folder, "file"))).toBe(
    `the services directory ${folder}/file cannot be read: not a directory`,
  );
  expect(await message(join(folder, "empty"))).toBe(`there is no helmfile below ${folder}/empty`);
});

test("the source of a service behind a link is its resolved path", async () => {
  const real = temporaryFolder({ "s/helmfile.yaml": "" });
  const folder = temporaryFolder();
  symlinkSync(real, join(folder, "link"));
  const result = await findServices(join(folder, "link"));
  expect(result).toMatchObject({
    ok: true,
    value: { services: [{ path: `${folder}/link/s/helmfile.yaml`, source: `${real}/s/helmfile.yaml` }] },
  });
});
