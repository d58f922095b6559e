import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  describeLockFailure,
  type RunLock,
  type RunLockOptions,
  takeRunLock,
} from "../../src/io/run-lock.ts";
import { claimLock, type LockClaim } from "../../src/io/run-lock-file.ts";
import { ownProcess } from "../../src/io/run-process.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { bundledScript } from "./support/bundled-script.ts";

const run = "north-20261005T120000Z-7";

function take(folder: string, more: Partial<RunLockOptions> = {}) {
  const command = ["charlie-mediawiki", "restore", "-e", "north"];
  return takeRunLock({ folder, environment: "north", run: () => run, command, env: {}, ...more });
}

async function taken(folder: string, more: Partial<RunLockOptions> = {}): Promise<RunLock> {
  const lock = await take(folder, more);
  if (!lock.ok) throw new Error(describeLockFailure(lock.failure));
  return lock.value;
}

async function refusal(folder: string, more: Partial<RunLockOptions> = {}): Promise<string> {
  const lock = await take(folder, more);
  return lock.ok ? "taken" : describeLockFailure(lock.failure);
}

/** A process of this host that is no more. */
const dead = { pid: 2 ** 22 + 1, processStart: "another boot:1" };
const token = "00000000-0000-4000-8000-000000000001";

function claim(overrides: Partial<LockClaim> = {}): LockClaim {
  return {
    run,
    ...ownProcess(),
    host: hostname(),
    user: "bob",
    since: "noon",
    command: ["apply"],
    ...overrides,
  };
}

function lockText(overrides: Partial<LockClaim> = {}, withToken = token): string {
  return JSON.stringify({ token: withToken, ...claim(overrides) });
}

function node(script: string, args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}

describe("the lock of an environment", () => {
  it("is had by one, who is named to the others with run, command and time, until it is given back", async () => {
    const folder = temporaryFolder();
    const lock = await taken(folder);
    expect(statSync(lock.file).mode & 0o777).toBe(0o600);
    expect((await refusal(folder)).replace(/ by .* since \S+Z/, " by … since …Z")).toBe(
      `another run deploys to north: ${run} by … since …Z: charlie-mediawiki restore -e north\n  to do: wait for it by --wait SECONDS`,
    );
    expect(await refusal(folder)).toContain(`on ${hostname()} (process ${process.pid}) since 20`);
    await taken(folder, { environment: "south" });
    lock.release();
    await taken(folder);
    expect(readdirSync(join(folder, "locks")).sort()).toEqual(["north.lock", "south.lock"]);
  });

  it("is not given back by who had it before", async () => {
    const folder = temporaryFolder();
    const lock = await taken(folder);
    writeFileSync(lock.file, lockText({ run: "north-20261005T130000Z-8" }));
    lock.release();
    expect(await refusal(folder)).toContain("north-20261005T130000Z-8");
  });

  it.each([
    ["whose process is no more", dead],
    ["of another process that has the number of a living one now", { processStart: "another boot:1" }],
  ])("%s is taken over, without a trace", async (_, of) => {
    const folder = temporaryFolder({ "locks/north.lock": lockText(of) });
    const lock = await taken(folder);
    expect(readFileSync(lock.file, "utf8")).toContain(`"pid":${process.pid}`);
    expect(readdirSync(join(folder, "locks"))).toEqual(["north.lock"]);
  });

  it("is taken over also where who took it over was killed meanwhile, and the next one too", async () => {
    const second = "00000000-0000-4000-8000-000000000002";
    const third = "00000000-0000-4000-8000-000000000003";
    const folder = temporaryFolder({
      "locks/north.lock": lockText(dead),
      [`locks/.change-${token}`]: lockText(dead, second),
      [`locks/.change-${second}`]: lockText(dead, third),
    });
    await taken(folder);
    expect(readdirSync(join(folder, "locks"))).toEqual(["north.lock"]);
  });

  it("is left alone while another takes it over", async () => {
    const folder = temporaryFolder({
      "locks/north.lock": lockText(dead),
      [`locks/.change-${token}`]: lockText({ run: "north-20261005T140000Z-9" }),
    });
    expect(await refusal(folder)).toContain("north-20261005T140000Z-9");
    expect(readFileSync(join(folder, "locks/north.lock"), "utf8")).toBe(lockText(dead));
  });

  it("of another host is never taken over, and the file to remove is named", async () => {
    const folder = temporaryFolder({ "locks/north.lock": lockText({ ...dead, host: "elsewhere" }) });
    expect(await refusal(folder)).toContain(
      `to do: whether it still runs can only be seen on elsewhere; if it does not, remove ${folder}/locks/north.lock`,
    );
  });

  it.each(["", "{}", "[1", '{"pid":1}'])("whose file holds %j is never taken over", async (text) => {
    const folder = temporaryFolder({ "locks/north.lock": text });
    expect(await refusal(folder)).toContain(
      `who holds the lock of north cannot be read: ${folder}/locks/north.lock`,
    );
  });

  it("cannot be taken where its folder cannot be made, and says so", async () => {
    const folder = temporaryFolder({ locks: "a file" });
    expect(await refusal(folder)).toContain("the lock of north cannot be taken: EEXIST");
  });
});

describe("waiting for the lock", () => {
  it("tells once for whom, and gets it when it is given back; the run is named only then", async () => {
    const folder = temporaryFolder();
    const holder = await taken(folder);
    const told: string[] = [];
    let named = 0;
    const lock = await taken(folder, {
      waitMs: 20_000,
      run: () => {
        named += 1;
        if (named === 3) holder.release();
        return `run ${named}`;
      },
      onWaiting: (found) => told.push(found.run),
    });
    expect(told).toEqual([run]);
    expect(lock.run).toBe("run 3");
  });

  it("ends when the time is over, or when it is interrupted", async () => {
    const folder = temporaryFolder();
    await taken(folder);
    expect(await refusal(folder, { waitMs: 50 })).toContain("another run deploys to north");
    const signal = AbortSignal.timeout(50);
    expect(await refusal(folder, { waitMs: 3_600_000, signal })).toBe(
      "interrupted while it waited for the lock",
    );
  });
});

describe("processes that want the lock", () => {
  it("have it one at a time, 20 at once, also where it is left behind again and again", async () => {
    const script = await bundledScript("lock-contender");
    const folder = temporaryFolder({ "north.lock": lockText(dead), log: "" });
    const [file, log, go] = ["north.lock", "log", "go"].map((name) => join(folder, name));
    const args = [file ?? "", log ?? "", go ?? "", "8"];
    const ends = Array.from({ length: 20 }, () => once(node(script, args), "exit"));
    writeFileSync(go ?? "", "");
    for (const [code] of await Promise.all(ends)) expect(code).toBe(0);
    const lines = readFileSync(log ?? "", "utf8")
      .trimEnd()
      .split("\n");
    expect(lines.length).toBe(20 * 8 * 2);
    const pairs = lines.flatMap((line, at) => (at % 2 === 0 ? [[line, lines[at + 1]]] : []));
    for (const [enter, leave] of pairs) expect(leave).toBe(enter?.replace("enter", "leave"));
    const left = readdirSync(folder).filter((name) => name.startsWith("."));
    expect(left).toEqual([]);
  }, 120_000);

  it("that are killed lose it, at once", async () => {
    const script = await bundledScript("lock-holder");
    const folder = temporaryFolder();
    const holder = node(script, [folder]);
    const [said] = await once(holder.stdout ?? process.stdin, "data");
    expect(String(said)).toBe("taken\n");
    expect(await refusal(folder)).toContain(`(process ${holder.pid})`);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    await taken(folder);
  });

  it.skipIf(!existsSync("/proc/self/stat"))(
    "count as dead when they were killed and nobody has waited for them",
    async () => {
      // What has taken the shell's place does not know its child, which stays in the table of processes.
      const shell = spawn("sh", ["-c", "sleep 60 & echo $!; exec sleep 60"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      onTestFinished(() => {
        shell.kill("SIGKILL");
      });
      const [said] = await once(shell.stdout, "data");
      const pid = Number(String(said).trim());
      await until(() => readFileSync(`/proc/${shell.pid}/comm`, "utf8") === "sleep\n");
      process.kill(pid, "SIGKILL");
      await until(() => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
      const file = join(temporaryFolder(), "north.lock");
      const { processStart: _, ...withoutStart } = claim({ pid });
      writeFileSync(file, JSON.stringify({ token, ...withoutStart }));
      expect(claimLock(file, claim()).ok).toBe(true);
    },
  );
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
