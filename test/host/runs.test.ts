import { chmodSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { parseJournal } from "../../src/core/journal/parse-journal.ts";
import { runStateOf } from "../../src/core/journal/run-state.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { type ControlledHelmfile, controlledHelmfile } from "./support/controlled-helmfile.ts";
import { runInProcess } from "./support/in-process.ts";
import { inventoryOf } from "./support/small-inventory.ts";
import { spawnCommand } from "./support/spawned.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** An apply of services a and b, each with a change, and the folder that its journal goes to. */
function situation(helmfile: ControlledHelmfile) {
  for (const service of ["a", "b"]) helmfile.answer(`diff.${service}`, "echo '+ changed'; exit 2");
  const state = temporaryFolder();
  const env = { PATH: helmfile.path, HOME: temporaryFolder() };
  const apply = (...flags: string[]) => [
    ...["apply", "--yes", "--no-plugin", "--inventory", inventoryOf(["a", "b"]), "--jobs", "1"],
    ...["--log_dir", join(state, "logs"), "--state_dir", state, ...flags],
  ];
  const run = (...argv: string[]) => runInProcess(argv, { env });
  return { state, env, apply, run, runs: () => run("runs", "--state_dir", state) };
}

function journalIn(state: string) {
  const [name = "", ...others] = readdirSync(join(state, "runs"));
  expect(others).toEqual([]);
  const file = join(state, "runs", name);
  const parsed = parseJournal({ file, text: readFileSync(file, "utf8") });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.failure));
  return { name: name.replace(".ndjson", ""), content: parsed.value, state: runStateOf(parsed.value) };
}

it("a run is written down with its plan, what happened and how it ended, and is listed", async () => {
  const helmfile = controlledHelmfile();
  helmfile.answer("apply.b", "exit 1");
  const { state, apply, run, runs } = situation(helmfile);
  expect((await run(...apply())).exitCode).toBe(1);
  const journal = journalIn(state);
  expect(journal.content.plan.steps.map(({ id }) => id)).toEqual(["a", "b"]);
  expect([...journal.state.outcomes].map(([id, { kind }]) => [id, kind])).toEqual([
    ["a", "succeeded"],
    ["b", "failed"],
  ]);
  expect(journal.content.header).toMatchObject({
    environment: "north",
    argv: expect.arrayContaining(["apply", "--yes"]),
    cwd: process.cwd(),
    tools: { node: process.version, helmfile: "v9.8.7" },
  });
  const { exitCode, stdout } = await runs();
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(new RegExp(`^${journal.name} +north +\\S+Z +\\d.* s +failed: 1 failed *$`, "m"));
  const json = await run("runs", "--state_dir", state, "-o", "json", "-e", "n*");
  expect(JSON.parse(json.stdout)).toMatchObject({
    version: 1,
    runs: [{ run: journal.name, environment: "north", complete: false, state: "failed: 1 failed" }],
  });
  const none = await run("runs", "--state_dir", state, "-e", "south");
  expect(none).toMatchObject({
    stdout: "no runs\n",
    stderr: `looked in ${state}; a demo leaves no run behind\n`,
  });
});

it("a second rollout of the environment is refused while one runs, or waits for it", async () => {
  const helmfile = controlledHelmfile();
  helmfile.hold("apply.a");
  const { state, env, apply, run } = situation(helmfile);
  const first = spawnCommand(command.program, apply(), { cwd: repository, env });
  await helmfile.until("start apply.a");
  const refused = await run(...apply());
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toMatch(
    /^another run deploys to north: north-\d{8}T\d{6}Z-\d+ by \S+ on \S+ \(process \d+\)/m,
  );
  const second = spawnCommand(command.program, apply("--wait", "60"), { cwd: repository, env });
  await expect
    .poll(second.stderr, { timeout: 20_000 })
    .toMatch(/^waiting for north-\d{8}T\d{6}Z-\d+ of \S+ \(process \d+\), which deploys to north$/m);
  await helmfile.release("apply.a");
  // What the second one runs waits for no order.
  helmfile.answer("apply.a", "exit 0");
  expect((await second.ended).exitCode).toBe(0);
  expect((await first.ended).exitCode).toBe(0);
  expect(readdirSync(join(state, "runs"))).toHaveLength(2);
  expect(readdirSync(join(state, "locks"))).toEqual([]);
});

it("a run that was killed is told as killed, and its lock holds nobody up", async () => {
  const helmfile = controlledHelmfile();
  helmfile.hold("apply.a");
  const { state, env, apply, run, runs } = situation(helmfile);
  const first = spawnCommand(command.program, apply(), { cwd: repository, env });
  await helmfile.until("start apply.a");
  first.kill("SIGKILL");
  await first.ended;
  expect((await runs()).stdout).toMatch(/killed: 1 in flight/);
  for (const pid of helmfile.pids()) process.kill(pid, "SIGKILL");
  helmfile.answer("apply.a", "exit 0");
  expect((await run(...apply())).exitCode).toBe(0);
  expect(readdirSync(join(state, "runs"))).toHaveLength(2);
});

it("without a place for its journal nothing is deployed", async () => {
  const helmfile = controlledHelmfile();
  const { state, apply, run } = situation(helmfile);
  chmodSync(state, 0o777);
  const { exitCode, stderr } = await run(...apply());
  expect(exitCode).toBe(2);
  expect(stderr).toContain(state);
  expect(helmfile.calls()).toEqual([]);
});

it("what took longest in earlier runs goes first", async () => {
  const helmfile = controlledHelmfile();
  const { state, apply, run } = situation(helmfile);
  helmfile.answer("apply.b", "sleep 1");
  expect((await run(...apply())).exitCode).toBe(0);
  const applied = () => helmfile.ends().filter((end) => end.startsWith("apply "));
  expect(applied()).toEqual(["apply a 0", "apply b 0"]);
  expect((await run(...apply())).exitCode).toBe(0);
  expect(applied().slice(2)).toEqual(["apply b 0", "apply a 0"]);
  expect(readdirSync(join(state, "runs"))).toHaveLength(2);
});
