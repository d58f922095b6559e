import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { clusterBehind } from "./support/cluster-behind.ts";
import { type ControlledHelmfile, controlledHelmfile } from "./support/controlled-helmfile.ts";
import { runInProcess } from "./support/in-process.ts";
import { inventoryOf } from "./support/small-inventory.ts";
import { spawnCommand } from "./support/spawned.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** A restore of the service a, with a state folder of its own each time: as if by another user. */
async function situation(helmfile: ControlledHelmfile, lockFolder: string) {
  const { registryFile } = await clusterBehind(helmfile, { registry: { lockFolder } });
  const env = { PATH: helmfile.path, HOME: temporaryFolder() };
  const restore = () => [
    ...["restore", "--yes", "--plugin", command.folder, "--registry", registryFile],
    ...["--inventory", inventoryOf(["a"]), "--state_dir", temporaryFolder(), "--log_dir", temporaryFolder()],
  ];
  return { env, restore };
}

/** The first user's restore, while its helmfile runs. */
async function firstRuns() {
  const helmfile = controlledHelmfile();
  helmfile.hold("a");
  const lockFolder = join(temporaryFolder(), "locks");
  const { env, restore } = await situation(helmfile, lockFolder);
  const first = spawnCommand(command.program, restore(), { cwd: repository, env });
  await helmfile.until("start a");
  return { helmfile, lockFolder, env, restore, first };
}

describe("the registry's folder for locks", () => {
  it("keeps two users from deploying to an environment at the same time", async () => {
    const { helmfile, lockFolder, env, restore, first } = await firstRuns();
    const second = await runInProcess(restore(), { env });
    expect(second.exitCode).toBe(2);
    expect(second.stderr).toContain(`another run deploys to north: north-`);
    expect(second.stderr).toContain(`(process ${first.pid})`);
    expect(helmfile.ends()).toEqual([]);
    await helmfile.release("a");
    expect((await first.ended).exitCode).toBe(0);
    expect(readdirSync(lockFolder)).toEqual([]);
  });

  it("keeps out the next one, with another state folder too, while a killed run's helmfile lives on", async () => {
    const { helmfile, lockFolder, env, restore, first } = await firstRuns();
    first.kill("SIGKILL");
    await first.ended;
    const [pid = 0] = helmfile.pids();
    const second = await runInProcess(restore(), { env });
    expect(second.exitCode).toBe(2);
    expect(second.stderr).toMatch(
      new RegExp(
        `^an earlier run of north was killed.*:\\n  north-\\S+: process ${pid}: .*helmfile .* sync`,
        "m",
      ),
    );
    expect(helmfile.ends()).toEqual([]);
    const third = runInProcess([...restore(), "--wait", "60"], { env });
    helmfile.answer("a", "exit 0");
    await helmfile.release("a");
    expect((await third).exitCode).toBe(0);
    expect(readdirSync(lockFolder)).toEqual([]);
  });

  it("is warned about where it cannot be used, and holds up nothing", async () => {
    const helmfile = controlledHelmfile();
    const lockFolder = join(temporaryFolder({ locks: "" }), "locks");
    const { env, restore } = await situation(helmfile, lockFolder);
    const { exitCode, stderr } = await runInProcess(restore(), { env });
    expect(exitCode).toBe(0);
    expect(stderr).toContain(
      `warning: runs of other users of this host are not seen: the lock folder cannot be used: ${lockFolder}: it is no folder\n`,
    );
    expect(helmfile.ends()).toEqual(["sync a 0"]);
  });
});
