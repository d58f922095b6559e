import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ownProcess } from "../../src/io/process-identity.ts";
import {
  describeLockFailure,
  type RunLock,
  type RunLockOptions,
  takeRunLock,
} from "../../src/io/run-lock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { bundledScript } from "./support/bundled-script.ts";
import { dead, lockText, run } from "./support/lock-text.ts";

/** A folder in which anybody may put something, as `/run/lock` is, and the place for locks in it. */
function sharedPlace(): string {
  const parent = temporaryFolder();
  chmodSync(parent, 0o1777);
  return join(parent, "locks");
}

/** With a state folder of its own, as another user has it. */
async function take(shared: string, more: Partial<RunLockOptions> = {}) {
  const unshared: string[] = [];
  const taken = await takeRunLock({
    ...{ folder: temporaryFolder(), shared, environment: "north", run: () => run },
    ...{ command: ["charlie-mediawiki", "apply"], env: {}, onUnshared: (reason) => unshared.push(reason) },
    ...more,
  });
  return { taken, unshared };
}

async function taken(shared: string, more: Partial<RunLockOptions> = {}): Promise<RunLock> {
  const { taken: lock, unshared } = await take(shared, more);
  expect(unshared).toEqual([]);
  if (!lock.ok) throw new Error(describeLockFailure(lock.failure));
  return lock.value;
}

async function refusal(shared: string, more: Partial<RunLockOptions> = {}): Promise<string> {
  const { taken: lock } = await take(shared, more);
  return lock.ok ? "taken" : describeLockFailure(lock.failure);
}

describe("the lock of all users", () => {
  it("is seen whatever state folder a run has, in a folder that all may write to, until it is given back", async () => {
    const shared = sharedPlace();
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    const lock = await taken(shared);
    expect(process.umask()).toBe(0o077);
    expect(statSync(shared).mode & 0o7777).toBe(0o777);
    expect(statSync(join(shared, "north.lock")).mode & 0o777).toBe(0o644);
    expect(await refusal(shared)).toMatch(/^another run deploys to north: north-20261005T120000Z-7 by /);
    lock.release();
    await taken(shared);
  });

  it("does not hide a run with the same state folder that names no such folder, nor stay behind then", async () => {
    const shared = sharedPlace();
    const folder = temporaryFolder();
    const { shared: _, ...alone } = { shared, folder, environment: "north", run: () => run };
    const own = await takeRunLock({ ...alone, command: [], env: {} });
    expect(own.ok).toBe(true);
    expect(await refusal(shared, { folder })).toMatch(/^another run deploys to north: /);
    expect(readdirSync(shared)).toEqual([]);
  });

  it("is taken in a folder that was made before, which stays as it is", async () => {
    const shared = sharedPlace();
    mkdirSync(shared, { mode: 0o750 });
    await taken(shared);
    expect(statSync(shared).mode & 0o777).toBe(0o750);
  });

  it.each([
    ["a link", (at: string) => symlinkSync(temporaryFolder(), at), "locks/: it is no folder"],
    ["a file", (at: string) => writeFileSync(at, ""), "locks/: it is no folder"],
    ["nothing to make it in", (at: string) => at, "missing/locks/: no such file or directory"],
  ])("is left out, and that is told, where there is %s in its place", async (_, put, reason) => {
    const isMissing = reason.startsWith("missing");
    const shared = isMissing ? join(temporaryFolder(), "missing", "locks") : sharedPlace();
    put(shared);
    const folder = temporaryFolder();
    const { taken: lock, unshared } = await take(`${shared}/`, { folder });
    expect(lock.ok).toBe(true);
    expect(unshared).toEqual([expect.stringContaining(reason)]);
    expect(readdirSync(join(folder, "locks"))).toEqual(["north.lock"]);
  });

  it.each([
    [
      "a link to a lock",
      (at: string) => symlinkSync(join(temporaryFolder({ dead: lockText(dead) }), "dead"), at),
    ],
    ["a link to nothing", (at: string) => symlinkSync("nowhere", at)],
    ["a folder", (at: string) => mkdirSync(at)],
    ["a pipe that nobody writes to", (at: string) => execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', at])],
    ["a lock of five megabytes", (at: string) => writeFileSync(at, lockText(dead).padEnd(5 * 1024 * 1024))],
  ])("is not believed to be %s", async (_, put) => {
    const shared = sharedPlace();
    mkdirSync(shared);
    put(join(shared, "north.lock"));
    expect(await refusal(shared)).toContain(
      `who holds the lock of north cannot be read: ${shared}/north.lock`,
    );
  });

  it("tells its holder without what would move the cursor", async () => {
    const shared = sharedPlace();
    const evil = { user: "b\u001b[2Job\r\n", command: ["\u001b]0;title\u0007apply", "-e\u202e"] };
    const living = { ...ownProcess(), ...evil };
    mkdirSync(shared);
    writeFileSync(join(shared, "north.lock"), lockText(living));
    const [line = ""] = (await refusal(shared)).split("\n");
    expect(line).toMatch(/ by bob on .*: apply -e$/);
    expect(line).not.toMatch(/\p{Cc}|\u202e/u);
  });
});

const nobody = 65_534;

// Only root may become somebody else.
describe.skipIf(process.getuid?.() !== 0)("the lock of all users, between two of them", () => {
  /** What a process of another user says that wants the lock. */
  async function askAsNobody(shared: string) {
    const script = await bundledScript("lock-holder");
    chmodSync(dirname(script), 0o755);
    const state = temporaryFolder();
    chownSync(state, nobody, nobody);
    const child = spawn(process.execPath, [script, state, shared], {
      ...{ uid: nobody, gid: nobody, cwd: "/", stdio: ["ignore", "pipe", "inherit"] },
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    let said = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
    });
    await expect.poll(() => said, { timeout: 20_000 }).toMatch(/^(taken|an.* run .*)$/m);
    return { said, child };
  }

  it("is told by who holds it to who wants it, either way", async () => {
    const shared = sharedPlace();
    const lock = await taken(shared);
    const { said } = await askAsNobody(shared);
    expect(said).toContain(`another run deploys to north: ${run} by `);
    expect(said).toContain(`(process ${process.pid})`);
    lock.release();
    const { child } = await askAsNobody(shared);
    expect(await refusal(shared)).toContain(`(process ${child.pid})`);
    expect(child.exitCode).toBeNull();
  });

  it("is taken over by the other where its holder was killed, either way", async () => {
    const shared = sharedPlace();
    mkdirSync(shared);
    chmodSync(shared, 0o777);
    writeFileSync(join(shared, "north.lock"), lockText(dead));
    const { said, child } = await askAsNobody(shared);
    expect(said).toBe("taken\n");
    child.kill("SIGKILL");
    await once(child, "exit");
    await taken(shared);
    expect(readFileSync(join(shared, "north.lock"), "utf8")).toContain(`"pid":${process.pid}`);
    expect(readdirSync(shared)).toEqual(["north.lock"]);
  });

  it("is not taken over by the other while a helmfile of the killed holder lives on", async () => {
    const shared = sharedPlace();
    const script = await bundledScript("lock-holder-at-work");
    const holder = spawn(process.execPath, [script, temporaryFolder(), shared], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [said] = await once(holder.stdout, "data");
    const pid = Number(String(said).trim());
    onTestFinished(() => void process.kill(-pid, "SIGKILL"));
    holder.kill("SIGKILL");
    await once(holder, "exit");
    const asked = await askAsNobody(shared);
    expect(asked.said).toMatch(
      new RegExp(
        `^an earlier run of north was killed.*:\\n  north-20261005T110000Z-1: process ${pid}: sleep 600\\n`,
      ),
    );
    expect(await refusal(shared)).toContain(`process ${pid}: sleep 600`);
  });

  it("is left out, and that is told, where a user may not write to the folder", async () => {
    const shared = sharedPlace();
    mkdirSync(shared, { mode: 0o755 });
    const { said } = await askAsNobody(shared);
    expect(said).toBe(`unshared: ${shared}/north.lock: permission denied\ntaken\n`);
  });
});
