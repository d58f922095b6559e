import { lstatSync, mkdirSync, rmdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { stateFolder } from "../../src/io/state-folder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const place = vi.hoisted(() => ({ temporary: "" }));

// A user whom the machine does not know has no home.
vi.mock("node:os", async (original) => ({
  ...(await original<typeof import("node:os")>()),
  tmpdir: () => place.temporary || "/tmp",
  userInfo: () => {
    throw new Error("no such user");
  },
}));

it("a user without a home has a state folder where temporary files are, which is never a link", () => {
  const temporary = temporaryFolder();
  place.temporary = temporary;
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
