import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventLineSchema, headerSchema, planLineSchema } from "../../src/core/journal/journal-line.ts";
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

/** An apply of services a and b, each with a change, of which b fails. */
function situation(services: readonly string[] = ["a", "b"]) {
  const helmfile = controlledHelmfile();
  helmfile.answer("diff", "echo '+ changed'; exit 2");
  helmfile.answer("apply.b", "echo 'Error: no quota'; exit 1");
  const state = temporaryFolder();
  const env = { PATH: helmfile.path, HOME: temporaryFolder() };
  const apply = (...flags: string[]) => [
    ...["apply", "--yes", "--no-plugin", "--inventory", inventoryOf(services)],
    ...["--log_dir", join(state, "logs"), "--state_dir", state, ...flags],
  ];
  const run = (...flags: string[]) => runInProcess(apply(...flags), { env });
  const journal = () => {
    const [name = ""] = readdirSync(join(state, "runs"));
    return readFileSync(join(state, "runs", name), "utf8");
  };
  return { helmfile, env, apply, run, journal, file: join(state, "events.ndjson") };
}

function deployed(helmfile: ControlledHelmfile): number {
  return helmfile.calls().filter((call) => !call.includes(" diff ")).length;
}

/** Each line as its schema has it, with no key that the schema does not know. */
function parseEvents(text: string): readonly { readonly type: string }[] {
  const lines = text.split("\n");
  expect(lines.pop()).toBe("");
  return lines.map((line, at) => {
    const schema = [headerSchema, planLineSchema][at] ?? eventLineSchema;
    const value: unknown = JSON.parse(line);
    const parsed = schema.parse(value);
    expect(parsed).toEqual(value);
    return parsed;
  });
}

describe("--events FILE", () => {
  it("has what the journal has, line by line, and in the form that is promised", async () => {
    const { run, journal, file } = situation();
    expect((await run("--events", file, "--jobs", "1")).exitCode).toBe(1);
    const text = readFileSync(file, "utf8");
    expect(text).toBe(journal());
    expect(parseEvents(text).map(({ type }) => type)).toEqual([
      ...["journal", "plan", "rollout-started", "stage-started"],
      ...["step-started", "step-finished", "step-started", "step-finished"],
      ...["stage-finished", "rollout-finished"],
    ]);
  });

  it("that is there already: nothing is deployed, and it stays as it was", async () => {
    const { run, helmfile, file } = situation();
    writeFileSync(file, "mine");
    const { exitCode, stderr } = await run("--events", file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`cannot be written to ${file}: it is there already`);
    expect(readFileSync(file, "utf8")).toBe("mine");
    expect(helmfile.calls()).toEqual([]);
  });

  it("in a folder that is not there: nothing is deployed", async () => {
    const { run, helmfile, file } = situation();
    const { exitCode, stderr } = await run("--events", `${file}/below`);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("no such file or directory");
    expect(helmfile.calls()).toEqual([]);
  });

  it("is not left behind where nothing was deployed", async () => {
    const { run, file } = situation([]);
    const { exitCode, stderr } = await run("--events", file);
    expect([exitCode, stderr]).toEqual([0, "nothing to deploy in north\n"]);
    expect(existsSync(file)).toBe(false);
  });

  it("of a full disk: that is told once, and the rollout goes on", async () => {
    const { run, helmfile } = situation();
    const { exitCode, stderr } = await run("--events", "/dev/full");
    expect(exitCode).toBe(1);
    expect(stderr.match(/events are not written to \/dev\/full any more: no space left/g)).toHaveLength(1);
    expect(deployed(helmfile)).toBe(2);
  });

  it("may be a pipe that somebody reads, and no other", async () => {
    const { run, file, journal, helmfile } = situation();
    execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', file]);
    const unread = await run("--events", file);
    expect([unread.exitCode, helmfile.calls()]).toEqual([2, []]);
    expect(unread.stderr).toContain("it is a pipe that nobody reads yet");
    // Opened for both ways, it waits for nobody.
    const reader = spawn("sh", ["-c", 'exec 3<> "$0"; echo ready; cat <&3', file]);
    let read = "";
    reader.stdout.on("data", (chunk: Buffer) => {
      read += chunk.toString();
    });
    await expect.poll(() => read, { timeout: 10_000 }).toBe("ready\n");
    await run("--events", file);
    await expect.poll(() => read, { timeout: 10_000 }).toContain("rollout-finished");
    reader.kill();
    expect(read).toBe(`ready\n${journal()}`);
  });
});

describe("--events -", () => {
  it("leaves standard output to the events: the diffs are told", async () => {
    const { env, apply, journal } = situation();
    const { stdout, stderr } = await spawnCommand(command.program, apply("--events", "-"), {
      env,
      cwd: repository,
    }).ended;
    expect(stdout).toBe(journal());
    expect(stderr).toContain("+ changed");
  });

  it("and -o json exclude each other", async () => {
    const { run, helmfile } = situation();
    const { exitCode, stderr } = await run("--events", "-", "-o", "json");
    expect([exitCode, helmfile.calls()]).toEqual([2, []]);
    expect(stderr).toContain("--events - and -o json would both write to standard output");
  });

  it("whose reader goes away: that is told, and the rollout goes on", async () => {
    const { env, apply, helmfile } = situation();
    helmfile.answer("diff.a", "exit 2");
    helmfile.hold("a");
    const child = spawn(process.execPath, [command.program, ...apply("--events", "-")], {
      env,
      cwd: repository,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let told = "";
    child.stderr.on("data", (chunk: Buffer) => {
      told += chunk.toString();
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    await helmfile.until("start a");
    child.stdout.destroy();
    await helmfile.release("a");
    expect(await ended).toBe(1);
    expect(told).toContain("events are not written to standard output any more: nobody reads them any more");
    expect(told).toContain("[a north] a succeeded");
  });

  it("shows a demo, too, and says that it is one: nobody goes on with it", async () => {
    const argv = ["demo", "--events", "-", "-s", "thumbor"];
    const demo = spawnCommand(command.program, argv, { cwd: repository });
    await expect.poll(demo.stderr, { timeout: 10_000 }).toContain("thumbor: sync");
    demo.kill("SIGINT");
    const { stdout, stderr } = await demo.ended;
    const events = parseEvents(stdout);
    expect(events[0]).toMatchObject({ type: "journal", simulated: true });
    expect(events.at(-1)?.type).toBe("rollout-finished");
    expect(stderr).toContain("nobody can go on with a demo: begin it again\n");
    expect(stderr).toContain("releases deployed in eqiad");
  });
});

it("docs/json.md names every line and every key that there is", () => {
  const docs = readFileSync(join(repository, "docs/json.md"), "utf8");
  const section = docs.slice(docs.indexOf("## Events"), docs.indexOf("## Inventories"));
  const rows = section.matchAll(/^\| `([a-z-]+)` \| ([^|]*) \|/gm);
  const documented = new Map(
    [...rows].map(([, type = "", keys = ""]) => [type, keys.match(/`\w+\*?`/g) ?? []]),
  );
  const schemas = [headerSchema, planLineSchema, ...eventLineSchema.def.options];
  const actual = new Map(
    schemas.map(({ shape }) => {
      const { type, time: _, elapsedMs: __, ...keys } = { elapsedMs: undefined, ...shape };
      const names = Object.entries(keys).map(
        ([key, schema]) => `\`${key}${schema.type === "optional" ? "*" : ""}\``,
      );
      return [type.def.values[0], names];
    }),
  );
  expect(documented).toEqual(actual);
});
