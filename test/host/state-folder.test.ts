import { existsSync } from "node:fs";
import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

it.skipIf(!existsSync("/proc/self"))(
  "a state folder that can be made nowhere is not tried for ever",
  async () => {
    // Says of every new folder that there is no such folder, as an automounter does.
    const env = { XDG_STATE_HOME: "/proc" };
    const words = [command.program, "runs"];
    const { exitCode, stderr } = await execa(process.execPath, words, {
      env,
      reject: false,
      timeout: 20_000,
    });
    expect(stderr).toContain(
      "error: the state folder /proc/charlie-mediawiki cannot be made: no such file or directory",
    );
    expect(stderr).toContain("to do: name another by --state_dir");
    expect(exitCode).toBe(2);
  },
);
