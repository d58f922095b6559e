import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { controlledHelmfile } from "./support/controlled-helmfile.ts";
import { hasPseudoTerminal, onTerminal } from "./support/pseudo-terminal.ts";
import { inventoryOf } from "./support/small-inventory.ts";
import { spawnCommand } from "./support/spawned.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** An apply of one service, whose helmfile prints in green. */
function situation() {
  const helmfile = controlledHelmfile();
  helmfile.answer("diff", "exit 2");
  helmfile.answer("apply.a", String.raw`printf '\033[32mupgraded\033[0m\n'`);
  const env = { PATH: helmfile.path, HOME: temporaryFolder(), TERM: "xterm-256color", LANG: "C.UTF-8" };
  const logs = join(temporaryFolder(), "logs");
  const argv = ["apply", "--yes", "--no-plugin", "--inventory", inventoryOf(["a"]), "--log_dir", logs];
  return { env, argv };
}

const colored = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`);

describe("without a terminal", () => {
  it.each([
    [{}, false],
    [{ FORCE_COLOR: "1" }, true],
    [{ FORCE_COLOR: "0" }, false],
    [{ NO_COLOR: "1" }, false],
  ])("%j: colours %s", async (extra, expected) => {
    const { env, argv } = situation();
    const { ended } = spawnCommand(command.program, argv, { cwd: repository, env: { ...env, ...extra } });
    const { stderr } = await ended;
    expect(stderr).toContain("upgraded");
    expect(colored.test(stderr)).toBe(expected);
  });
});

describe.skipIf(!hasPseudoTerminal)("on a terminal", () => {
  it.each([
    [{}, true],
    [{ NO_COLOR: "1" }, false],
    [{ FORCE_COLOR: "0" }, false],
    [{ TERM: "dumb" }, false],
  ])("%j: colours %s", async (extra, expected) => {
    const { env, argv } = situation();
    const { ended, raw, screen } = onTerminal([process.execPath, command.program, ...argv, "--verbose"], {
      env: { ...env, ...extra },
      cwd: repository,
    });
    await ended;
    expect(screen()).toContain("[a north] upgraded\n");
    expect(colored.test(raw())).toBe(expected);
  });
});
