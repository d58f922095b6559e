import { execFileSync, spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BuiltCommand, buildCommand } from "../host/support/built-command.ts";
import { tellExtent } from "./support/extent.ts";
import { operate } from "./support/operator.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const prlimit = spawnSync("prlimit", ["--version"]).status === 0;
if (!prlimit) tellExtent("NOT tried, a limit on the number of open files: there is no prlimit");

it.skipIf(!prlimit)(
  "where no file can be opened any more, each step fails and says why, and --resume does it again",
  async () => {
    const { helmfile, restore, journal, deployed } = await operate(command, { services: ["a", "b", "c"] });
    helmfile.hold("a");
    const { pid, ended } = restore("--jobs", "1");
    await helmfile.until("start a");
    // What is open stays so; the hard limit is left alone.
    execFileSync("prlimit", ["--pid", `${pid}`, "--nofile=3:"]);
    await helmfile.release("a");
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(1);
    for (const id of ["b", "c"])
      expect(stderr).toContain(`failed: ${id}: could not be started: spawn helmfile EMFILE`);
    expect(stderr).not.toContain("a bug");
    const { state, torn } = await journal();
    expect([torn, state.ended]).toEqual([false, true]);
    expect(state.outcomes.get("b")).toMatchObject({ kind: "failed", failure: { kind: "spawn" } });
    expect(deployed()).toEqual(["a"]);
    helmfile.answer("a", "exit 0");
    expect((await restore("--resume").ended).exitCode).toBe(0);
    expect(deployed().toSorted()).toEqual(["a", "b", "c"]);
  },
);
