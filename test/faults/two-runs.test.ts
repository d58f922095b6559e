import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltCommand, buildCommand, repository } from "../host/support/built-command.ts";
import { spawnCommand } from "../host/support/spawned.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Operator, operate } from "./support/operator.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const services = ["a", "b"];

function locksIn({ state }: Operator): readonly string[] {
  return readdirSync(join(state, "locks"));
}

describe("two runs at once, of one environment", () => {
  it("begun by many at the same moment: one deploys, and every other is refused and names it", async () => {
    const operator = await operate(command, { services });
    const { helmfile, restore, runs, deployed } = operator;
    helmfile.hold("a");
    const all = Array.from({ length: 6 }, () => restore("--jobs", "1"));
    await helmfile.until("start a");
    const ends = all.map(({ ended }) => ended);
    // The one that holds the lock ends last.
    const refused: string[] = [];
    for (const { ended } of all) {
      void ended.then(({ exitCode, stderr }) => {
        if (exitCode === 2) refused.push(stderr);
      });
    }
    await expect.poll(() => refused.length, { timeout: 30_000 }).toBe(5);
    const [run = "no run", ...others] = runs();
    expect(others).toEqual([]);
    for (const stderr of refused) expect(stderr).toContain(run);
    await helmfile.release("a");
    expect((await Promise.all(ends)).map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 2, 2, 2, 2, 2]);
    expect(deployed()).toEqual(services);
    expect(locksIn(operator)).toEqual([]);
  });

  it("with --wait run one after the other, also where the first one is killed", async () => {
    const operator = await operate(command, { services });
    const { helmfile, restore, runs, deployed, journal } = operator;
    helmfile.hold("a");
    const first = restore("--jobs", "1");
    await helmfile.until("start a");
    const waiting = [1, 2].map(() => restore("--jobs", "1", "--wait", "60", "--not-wiped", "north"));
    for (const { stderr } of waiting) await expect.poll(stderr, { timeout: 20_000 }).toContain(runs()[0]);
    expect(runs()).toHaveLength(1);
    first.kill("SIGKILL");
    await first.ended;
    for (const pid of helmfile.pids()) process.kill(pid, "SIGKILL");
    helmfile.answer("a", "exit 0");
    for (const { ended } of waiting) expect((await ended).exitCode).toBe(0);
    const [third, second, killed] = await Promise.all(runs().map(journal));
    expect([killed?.state.ended, second?.state.complete, third?.state.complete]).toEqual([false, true, true]);
    // One had come to its end before the next one began.
    expect(deployed()).toEqual([...services, ...services]);
    expect(Date.parse(second?.state.lastTime ?? "")).toBeLessThanOrEqual(
      Date.parse(third?.header.time ?? ""),
    );
    expect(locksIn(operator)).toEqual([]);
  });

  it("the other one with --resume: it is refused too, as what is in flight is not left behind", async () => {
    const { helmfile, restore, runs } = await operate(command, { services });
    helmfile.hold("a");
    const first = restore("--jobs", "1");
    await helmfile.until("start a");
    const refused = await restore("--resume").ended;
    expect([refused.exitCode, refused.stderr]).toEqual([2, expect.stringContaining(runs()[0] ?? "no run")]);
    await helmfile.release("a");
    expect((await first.ended).exitCode).toBe(0);
  });
});

describe("two runs at once, of two environments", () => {
  it("deploy side by side from one state folder", async () => {
    const { helmfile, state, runs } = await operate(command, { services });
    const env = { PATH: helmfile.path, HOME: temporaryFolder() };
    helmfile.answer("diff", "exit 2");
    const apply = (environment: string) => {
      const release = { name: "main", namespace: environment, chart: "wmf-stable/x" };
      const service = { service: environment, helmfile: `${environment}/helmfile.yaml`, releases: [release] };
      const inventory = { version: 1, environment, services: [service], absent: [], errors: [] };
      const folder = temporaryFolder({ "inventory.json": JSON.stringify(inventory) });
      const flags = ["--yes", "--no-plugin", "--state_dir", state, "--log_dir", join(folder, "logs")];
      const argv = ["apply", ...flags, "--inventory", join(folder, "inventory.json")];
      return spawnCommand(command.program, argv, { cwd: repository, env });
    };
    for (const environment of ["north", "south"]) helmfile.hold(`apply.${environment}`);
    const both = ["north", "south"].map(apply);
    for (const environment of ["north", "south"]) await helmfile.until(`start apply.${environment}`);
    // Both are under way now.
    const locks = readdirSync(join(state, "locks")).filter((name) => name.endsWith(".lock"));
    expect(locks.toSorted()).toEqual(["north.lock", "south.lock"]);
    for (const environment of ["north", "south"]) await helmfile.release(`apply.${environment}`);
    for (const { ended } of both) expect((await ended).exitCode).toBe(0);
    expect(runs()).toHaveLength(1);
  });
});
