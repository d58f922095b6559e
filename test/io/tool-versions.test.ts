import { chmodSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { toolVersions } from "../../src/io/tool-versions.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** What is found where these scripts are all that is on PATH. */
function versionsOf(programs: Readonly<Record<string, string>>, limitMs = 20_000) {
  const files = Object.entries(programs).map(([name, text]) => [name, `#!/bin/sh\n${text}\n`]);
  const folder = temporaryFolder(Object.fromEntries(files));
  for (const name of Object.keys(programs)) chmodSync(join(folder, name), 0o755);
  return toolVersions({ PATH: folder }, limitMs);
}

it("helmfile and helm are asked for their versions, in the way that each understands", async () => {
  const found = await versionsOf({
    helmfile: '[ "$*" = "version -o short" ] && echo v1.7.4',
    helm: '[ "$*" = "version --short" ] && echo v3.19.0+g3d8990f',
  });
  expect(found).toEqual({ helmfile: "v1.7.4", helm: "v3.19.0+g3d8990f" });
});

it.each([
  ["fails", "echo v1.2.3; exit 1"],
  ["says something else", "echo 'unknown command: version'"],
  ["writes without end", "while :; do echo v1.2.3; done"],
  ["hangs", "exec /bin/sleep 60"],
])("one that %s is left out, and keeps the other from nothing", async (_, text) => {
  const programs = { helmfile: text, helm: "echo v3.19.0" };
  expect(await versionsOf(programs, 5_000)).toEqual({ helm: "v3.19.0" });
});

it("one that is not there is left out", async () => {
  expect(await versionsOf({})).toEqual({});
});

it("nobody fails by it where the current folder is gone", async () => {
  const cwd = vi.spyOn(process, "cwd").mockImplementation(() => {
    throw new Error("ENOENT: no such file or directory, uv_cwd");
  });
  onTestFinished(() => cwd.mockRestore());
  expect(await toolVersions({ PATH: "/nowhere" })).toEqual({});
  expect(cwd).toHaveBeenCalled();
});
