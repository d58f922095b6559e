import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

it.each(["list", "restore", "preflight", "runs"])(
  "%s in a folder that is gone is refused, and says so once",
  async (verb) => {
    const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"';
    const words = ["-c", script, "sh", process.execPath, command.program, verb];
    const { exitCode, stderr } = await execa("/bin/sh", words, { cwd: temporaryFolder(), reject: false });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr:
        "the current folder is gone (removed, or made anew): change to one that is there, and try again",
    });
  },
);
