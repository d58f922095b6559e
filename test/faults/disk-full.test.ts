import { execFileSync, spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BuiltCommand, buildCommand } from "../host/support/built-command.ts";
import { tellExtent } from "./support/extent.ts";
import { operate } from "./support/operator.ts";
import { smallDisk, whyNoSmallDisk } from "./support/small-disk.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

const services = ["a", "b", "c", "d"];
const kilobyte = 1024;

if (whyNoSmallDisk !== undefined)
  tellExtent(`NOT tried, a full disk: no tmpfs can be mounted: ${whyNoSmallDisk}`);
const disk = describe.skipIf(whyNoSmallDisk !== undefined);

disk("a disk that is full", () => {
  it("before anything is deployed: nothing is, and it says so", async () => {
    const { folder, fill } = smallDisk(64 * kilobyte);
    const { helmfile, restore } = await operate(command, { services, state: folder });
    fill(0);
    const { exitCode, stderr } = await restore().ended;
    expect(exitCode).toBe(2);
    expect(stderr).toContain("no space left");
    expect(helmfile.calls()).toEqual([]);
  });

  it("but for the lock: nothing is deployed, the lock is given back, and no journal is left behind", async () => {
    const { folder, fill, empty } = smallDisk(128 * kilobyte);
    const many = Array.from({ length: 60 }, (_, at) => `s${at}`);
    const { helmfile, restore, runs } = await operate(command, { services: many, state: folder });
    // Room for the folders and the lock, and not for a plan of 60 steps.
    fill(16 * kilobyte);
    const { exitCode, stderr } = await restore().ended;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^nothing was deployed: the journal of the run cannot be written: /m);
    expect(helmfile.calls()).toEqual([]);
    expect(runs()).toEqual([]);
    empty();
    expect((await restore().ended).exitCode).toBe(0);
  });

  it("while steps run: none is begun after that, those that run come to their end, and --resume goes on", async () => {
    const { folder, ballast, empty } = smallDisk(512 * kilobyte);
    // More than the journal has room for in the last page that it has already.
    const many = Array.from({ length: 60 }, (_, at) => `s${at}`);
    const operator = await operate(command, { services: many, state: folder });
    const { helmfile, restore, deployed, listRuns, journal } = operator;
    helmfile.hold("s1");
    // It fills the disk while s1 is under way, and ends well.
    helmfile.answer("s0", `dd if=/dev/zero of='${ballast}' bs=1k 2>/dev/null; exit 0`);
    const { ended, stderr } = restore("--jobs", "2");
    await expect.poll(stderr, { timeout: 20_000 }).toContain("cannot be written: no space left");
    expect(stderr()).toMatch(/no new steps; waiting for .*\bs1\b.* to end/);
    const before = helmfile.calls().length;
    await helmfile.release("s1");
    const { exitCode } = await ended;
    expect([exitCode, helmfile.calls().length]).toEqual([1, before]);
    const done = deployed();
    expect(done).toEqual(expect.arrayContaining(["s0", "s1"]));
    expect(done.length).toBeLessThan(many.length);
    const { state, torn } = await journal();
    expect([torn, state.ended]).toEqual([false, false]);
    // How it ended could not be written down.
    expect(state.inFlight).toContain("s1");
    empty();
    for (const service of ["s0", "s1"]) helmfile.answer(service, "exit 0");
    const resumed = await restore("--resume").ended;
    expect(resumed.exitCode).toBe(0);
    expect(deployed().toSorted()).toEqual(many.toSorted());
    expect(JSON.parse((await listRuns().ended).stdout).runs).toMatchObject([
      { complete: true },
      { complete: false },
    ]);
  });

  it("from the beginning, where only the logs of the steps are: nothing is deployed, and the flag for another folder is named", async () => {
    const { folder, fill } = smallDisk(64 * kilobyte);
    const { restore, deployed } = await operate(command, { services, logs: folder });
    fill(0);
    const { exitCode, stderr } = await restore("--jobs", "2").ended;
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^the folder for the logs cannot be made: ENOSPC.*; name another by --log_dir$/m);
    expect(deployed()).toEqual([]);
  });

  it("after a while, where only the logs of the steps are: everything is deployed, and that is told", async () => {
    const { folder, fill } = smallDisk(64 * kilobyte);
    const { helmfile, restore, deployed, journal } = await operate(command, { services, logs: folder });
    fill(48 * kilobyte);
    // More than the disk has, and than any pipe or stream keeps.
    helmfile.answer("a", "yes 'a line of output' | head -c 3000000");
    const { exitCode, stderr } = await restore("--jobs", "2").ended;
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^warning: a log could not be written: \S+\.log: no space left$/m);
    expect(deployed().toSorted()).toEqual(services);
    expect((await journal()).state.complete).toBe(true);
  });
});

const prlimit = spawnSync("prlimit", ["--version"]).status === 0;
if (!prlimit) tellExtent("NOT tried, a limit on the size of files: there is no prlimit");

describe.skipIf(!prlimit)("a journal that may not grow any more", () => {
  it("stops the run that it is of, has whole lines only, and --resume goes on", async () => {
    const operator = await operate(command, { services });
    const { helmfile, restore, deployed, journal, state, runs } = operator;
    helmfile.hold("a");
    const { pid, ended } = restore("--jobs", "1");
    await helmfile.until("start a");
    const { size } = statSync(join(state, "runs", `${runs()[0]}.ndjson`));
    // Room for a part of the next line.
    execFileSync("prlimit", ["--pid", `${pid}`, `--fsize=${size + 40}`]);
    await helmfile.release("a");
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain("cannot be written: ");
    expect(deployed()).toEqual(["a"]);
    const { torn, state: left } = await journal();
    expect([torn, left.inFlight]).toEqual([false, ["a"]]);
    helmfile.answer("a", "exit 0");
    expect((await restore("--resume").ended).exitCode).toBe(0);
    expect(deployed().toSorted()).toEqual(services);
  });
});
