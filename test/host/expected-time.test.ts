import { existsSync, mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ExpectedRollout } from "../../src/core/rollout/expected-rollout.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";
import { clusterBehind } from "./support/cluster-behind.ts";
import { type ControlledHelmfile, controlledHelmfile } from "./support/controlled-helmfile.ts";
import { runInProcess } from "./support/in-process.ts";
import { inventoryOf } from "./support/small-inventory.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** An apply of services a and b, each with a change. */
function situation(helmfile: ControlledHelmfile) {
  helmfile.answer("diff", "echo '+ changed'; exit 2");
  const state = temporaryFolder();
  const common = ["--no-plugin", "--inventory", inventoryOf(["a", "b"])];
  const env = { PATH: helmfile.path, HOME: temporaryFolder() };
  const run = (verb: string, ...flags: string[]) => runInProcess([verb, ...common, ...flags], { env });
  const apply = () => run("apply", "--yes", "--log_dir", join(state, "logs"), "--state_dir", state);
  const plan = (...flags: string[]) => run("plan", "--jobs", "1", "--state_dir", state, ...flags);
  return { state, env, run, apply, plan };
}

describe("plan tells how long it will probably take", () => {
  it("by the journals of earlier runs, in text and as JSON", async () => {
    const { apply, plan } = situation(controlledHelmfile());
    expect((await apply()).exitCode).toBe(0);
    const { exitCode, stdout } = await plan("-o", "json");
    expect(exitCode).toBe(0);
    const { expected } = JSON.parse(stdout) as { expected: ExpectedRollout };
    const { a, b } = expected.steps;
    expect([a?.from, b?.from]).toEqual(["step", "step"]);
    expect(expected).toMatchObject({ runs: 1, jobs: 1, makespanMs: (a?.ms ?? 0) + (b?.ms ?? 0) });
    const text = await plan();
    expect(text.stdout).toMatch(/^ *expected to take \d.* with 1 job, if every step changes something; /m);
    expect(text.stdout).toMatch(/^by the durations of 1 earlier run$/m);
    expect(text.stdout).toMatch(/^ {2}[ab] {2}\d.* s {2}measured$/m);
  });

  it("where nothing was deployed yet, as a guess, and makes no folder", async () => {
    const { env, run } = situation(controlledHelmfile());
    const { exitCode, stdout } = await run("plan", "--jobs", "1");
    expect(exitCode).toBe(0);
    expect(stdout.split("\n\n").slice(-2).join("\n\n")).toBe(
      [
        "expected to take 1 min 0 s with 1 job, if every step changes something; " +
          "diffs and questions are not counted",
        "a guess: no earlier run of north is known, so it counts 30 s for each release",
        "",
        "critical path, 30.0 s however many jobs:",
        "  a  30.0 s",
        "",
      ].join("\n"),
    );
    const folder = join(temporaryFolder(), "state");
    expect((await run("plan", "--state_dir", folder)).exitCode).toBe(0);
    expect(existsSync(folder)).toBe(false);
    expect(readdirSync(env.HOME)).toEqual([]);
  });

  it("although journals cannot be read, or are so long that reading them would take a while", async () => {
    const { state, apply, plan } = situation(controlledHelmfile());
    expect((await apply()).exitCode).toBe(0);
    const [journal = ""] = readdirSync(join(state, "runs"));
    expect((await plan()).stdout).toContain("\nby the durations of 1 earlier run\n");
    // What follows its last whole line would be taken for a line that is cut off.
    truncateSync(join(state, "runs", journal), 100 * 1024 * 1024);
    writeFileSync(join(state, "runs", "north-20260101T000001Z-1.ndjson"), "no journal\n");
    mkdirSync(join(state, "runs", "north-20260101T000002Z-1.ndjson"));
    const { exitCode, stdout, stderr } = await plan();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("\na guess: no earlier run of north is known");
  });

  it("although the folder of the journals cannot be read, with a warning", async () => {
    const { state, plan } = situation(controlledHelmfile());
    writeFileSync(join(state, "runs"), "");
    const { exitCode, stdout, stderr } = await plan();
    expect(exitCode).toBe(0);
    expect(stdout).toContain("\na guess: no earlier run of north is known");
    expect(stderr).toMatch(/^warning: what earlier runs took cannot be read: .*ENOTDIR/m);
  });
});

it("--jobs-per-namespace holds back what would run in the same namespace", async () => {
  const helmfile = controlledHelmfile();
  const { env } = situation(helmfile);
  const state = temporaryFolder();
  const service = (name: string) => ({
    service: name,
    helmfile: `${name}/helmfile.yaml`,
    releases: [{ name, namespace: "shared", chart: `wmf-stable/${name}` }],
  });
  const inventory = {
    version: 1,
    environment: "north",
    services: ["a", "b"].map(service),
    absent: [],
    errors: [],
  };
  const file = join(temporaryFolder({ "inventory.json": JSON.stringify(inventory) }), "inventory.json");
  // Side by side, b would not find what a leaves behind.
  helmfile.answer("apply.a", `sleep 0.5; : > "${state}/a-has-ended"`);
  helmfile.answer("apply.b", `test -e "${state}/a-has-ended" || exit 1`);
  const flags = ["--no-plugin", "--inventory", file, "--jobs", "2", "--jobs-per-namespace", "1"];
  const applied = await runInProcess(["apply", "--yes", "--state_dir", state, ...flags], { env });
  expect(applied.exitCode).toBe(0);
  const { stdout } = await runInProcess(["plan", "-o", "json", "--state_dir", state, ...flags], { env });
  const { expected } = JSON.parse(stdout) as { expected: ExpectedRollout };
  expect(expected).toMatchObject({ jobs: 2, jobsPerNamespace: 1 });
  expect(expected.makespanMs).toBe((expected.steps.a?.ms ?? 0) + (expected.steps.b?.ms ?? 0));
});

it("a restore tells what it is expected to take and what is left after a stage, once a run is known", async () => {
  const helmfile = controlledHelmfile();
  const { registryFile } = await clusterBehind(helmfile, { brings: () => [] });
  const state = temporaryFolder();
  const restore = (...services: string[]) =>
    runInProcess(
      [
        ...["restore", "--yes", "--plugin", command.folder, "--registry", registryFile, "--jobs", "1"],
        ...["--inventory", inventoryOf(services), "--state_dir", state],
      ],
      { env: { PATH: helmfile.path, HOME: temporaryFolder() } },
    );
  const first = await restore("a", "toolhub");
  expect(first.exitCode).toBe(0);
  expect(first.stderr).toMatch(
    /^ *how long it takes is not known: no earlier run of north is written down here$/m,
  );
  expect(first.stderr).not.toMatch(/ left \(/);
  const second = await restore("a", "toolhub");
  expect(second.stderr).toMatch(
    /^ *expected to take \d.* s, questions aside, by the durations of 1 earlier run$/m,
  );
  expect(second.stderr.match(/^.*steps ended.*$/gm)).toEqual([
    "i 1 of 2 steps ended, less than a minute left (by the durations of 1 earlier run)",
  ]);
  const other = await restore("b", "c");
  expect(other.stderr).toMatch(
    /^ *how long it takes is not known: no earlier run of north measured any of these steps$/m,
  );
  expect(other.stderr).not.toMatch(/ left \(/);
});
