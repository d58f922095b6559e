import { lstatSync, mkdirSync, rmdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";

afterEach(() => {
  vi.doUnmock("node:os");
  vi.resetModules();
});

/** As it is for a user whom the machine does not know, and who so has no home. */
async function loadForNobody(temporary: string) {
  vi.resetModules();
  vi.doMock("node:os", async (original) => ({
    ...(await original<typeof import("node:os")>()),
    tmpdir: () => temporary,
    userInfo: () => {
      throw new Error("no such user");
    },
  }));
  return import("../../src/io/state-folder.ts");
}

it("a user without a home has a state folder where temporary files are, which is never a link", async () => {
  const temporary = temporaryFolder();
  const { stateFolder } = await loadForNobody(temporary);
  const folder = join(temporary, `charlie-mediawiki-${process.getuid?.()}`);
  expect(stateFolder({})).toEqual({ ok: true, value: folder });
  expect(lstatSync(folder).mode & 0o777).toBe(0o700);
  expect(stateFolder({})).toEqual({ ok: true, value: folder });
  rmdirSync(folder);
  mkdirSync(join(temporary, "elsewhere"));
  symlinkSync(join(temporary, "elsewhere"), folder);
  expect(stateFolder({})).toMatchObject({
    failure: [{ message: `the state folder ${folder} is no folder` }],
  });
});
