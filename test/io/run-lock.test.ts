import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { waitingForLeft } from "../../src/io/left-running.ts";
import { ownProcess, type ProcessIdentity, processOf } from "../../src/io/process-identity.ts";
import {
  describeLockFailure,
  type RunLock,
  type RunLockOptions,
  takeRunLock,
} from "../../src/io/run-lock.ts";
import { claimLock } from "../../src/io/run-lock-file.ts";
import { runVariable } from "../../src/io/run-mark.ts";
import { runProgram } from "../../src/io/run-program.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { bundledScript } from "./support/bundled-script.ts";
import { claim, dead, lockText, run, token } from "./support/lock-text.ts";

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

const deadOfThisBoot = { ...dead, processStart: `${ownProcess().processStart?.split(":")[0]}:1` };

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
      `another run deploys to north: ${run} by … since …Z: charlie-mediawiki restore -e north\n  to do: wait for it by --wait SECONDS; if process ${process.pid} is no run at all, remove ${lock.file}`,
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

  it("that a failed disk has torn is given back all the same", async () => {
    const folder = temporaryFolder();
    const lock = await taken(folder);
    truncateSync(lock.file, 5);
    lock.release();
    const next = await taken(folder);
    // Not if it is another file.
    writeFileSync(`${next.file}-other`, "torn");
    renameSync(`${next.file}-other`, next.file);
    next.release();
    expect(existsSync(next.file)).toBe(true);
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
    expect(await refusal(folder)).toBe(
      `the lock of north cannot be taken: ${folder}/locks: there is a file of that name\n  to do: mend that, or name another folder by --state_dir`,
    );
  });
});

describe.skipIf(!existsSync("/proc/self/stat"))("the lock of a run that was killed", () => {
  /** A process that leads a group of its own, and the lock of a dead run that has started it. */
  function situation(command: readonly [string, ...string[]], overrides: Partial<ProcessIdentity> = {}) {
    const [program, ...args] = command;
    const child = spawn(program, args, { detached: true, stdio: ["ignore", "pipe", "inherit"] });
    const { pid = 0 } = child;
    onTestFinished(() => killGroup(pid));
    const programs = [{ ...processOf(pid), ...overrides }];
    const folder = temporaryFolder({
      "locks/north.lock": lockText(deadOfThisBoot),
      [`locks/.programs-${token}`]: JSON.stringify({ programs }),
    });
    return { folder, child, pid };
  }

  const runs = (pid: number) =>
    [
      "an earlier run of north was killed, and what it started still runs:",
      `  ${run}: process ${pid}: sleep 600`,
      `  to do: wait for it by --wait SECONDS, or let it roll back: kill -INT -${pid} # as bob`,
    ].join("\n");

  it("is held as long as anything runs that it started, and whoever waits has it right then", async () => {
    const { folder, pid } = situation(["sleep", "600"]);
    expect(await refusal(folder)).toBe(runs(pid));
    const told: string[] = [];
    const onWaiting: RunLockOptions["onWaiting"] = (_, left) => told.push(waitingForLeft(left));
    const waiting = taken(folder, { waitMs: 60_000, onWaiting });
    killGroup(pid);
    await waiting;
    expect(told).toEqual([
      `waiting for what is left of an earlier run:\n  ${run}: process ${pid}: sleep 600`,
    ]);
    expect(readdirSync(join(folder, "locks"))).toEqual(["north.lock"]);
  });

  it("is held also where the first of them has ended, and left its helm", async () => {
    const { folder, child, pid } = situation(["sh", "-c", "sleep 600 & exit"]);
    await once(child, "exit");
    expect(await refusal(folder)).toContain(`process ${pid}\n`);
  });

  it("is held also by what it had no time to write down, whatever its state folder", async () => {
    // Its own: what other tests start is none of this run's.
    const killed = `north-20261005T120000Z-${process.pid}`;
    const env = { ...process.env, [runVariable]: `/elsewhere/runs/${killed}.ndjson` };
    const { pid = 0 } = spawn("sleep", ["600"], { detached: true, stdio: "ignore", env });
    onTestFinished(() => killGroup(pid));
    await until(() => readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n");
    const folder = temporaryFolder({ "locks/north.lock": lockText({ ...deadOfThisBoot, run: killed }) });
    expect(await refusal(folder)).toBe(runs(pid).replace(run, killed));
    const waiting = taken(folder, { waitMs: 60_000 });
    killGroup(pid);
    await waiting;
  });

  it("is not held by another process that has the number of one of them now", async () => {
    const { folder } = situation(["sleep", "600"], { processStart: "another boot:1" });
    await taken(folder);
  });

  it("is not held by what has ended and was not buried yet", async () => {
    // What has taken the shell's place does not know its child.
    const shell = spawn("sh", ["-c", "setsid sleep 60 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void shell.kill("SIGKILL"));
    const [said] = await once(shell.stdout, "data");
    const pid = Number(String(said).trim());
    await until(() => readFileSync(`/proc/${shell.pid}/comm`, "utf8") === "sleep\n");
    await until(() => readFileSync(`/proc/${pid}/comm`, "utf8") === "sleep\n");
    const programs = [processOf(pid)];
    process.kill(pid, "SIGKILL");
    await until(() => readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
    const folder = temporaryFolder({
      "locks/north.lock": lockText(dead),
      [`locks/.programs-${token}`]: JSON.stringify({ programs }),
    });
    await taken(folder);
  });

  it("is not taken over where nobody can tell what it started", async () => {
    const folder = temporaryFolder({
      "locks/north.lock": lockText(deadOfThisBoot),
      [`locks/.programs-${token}`]: "[",
    });
    expect(await refusal(folder)).toContain(
      `who holds the lock of north cannot be read: ${folder}/locks/.programs-${token}`,
    );
  });

  it("is taken over when the machine was started anew since, whatever became of the list in between", async () => {
    const folder = temporaryFolder({
      "locks/north.lock": lockText(dead),
      [`locks/.programs-${token}`]: "",
    });
    await taken(folder);
  });
});

describe("who holds the lock", () => {
  const runShell = (shell: string) =>
    runProgram(["/bin/sh", "-c", shell], {
      ...{ env: process.env, signal: new AbortController().signal, output: () => {} },
    });

  it("has written beside it what runs, for as long as it runs", async () => {
    const folder = temporaryFolder();
    const lock = await taken(folder);
    const locks = join(folder, "locks");
    const copied = join(folder, "copied");
    // It may run before it is written down.
    await runShell(`cd "${locks}"
      while [ -d "${locks}" ] && ! grep -q "pid.:$$," .programs-*[0-9a-f]; do sleep 0.05; done
      cat .programs-*[0-9a-f] > "${copied}"; echo $$ >> "${copied}"`);
    const [written = "", pid] = readFileSync(copied, "utf8").replace("}]}", "}]}\n").split("\n");
    expect(JSON.parse(written)).toEqual({
      programs: [{ pid: Number(pid), processStart: expect.stringContaining(":") }],
    });
    const [name = ""] = readdirSync(locks).filter((one) => one.startsWith("."));
    expect(readFileSync(join(locks, name), "utf8")).toBe('{"programs":[]}');
    lock.release();
    expect(readdirSync(locks)).toEqual([]);
    await runShell("exit");
    expect(readdirSync(locks)).toEqual([]);
  });

  it("goes on where that cannot be written, and is told so once", async () => {
    const folder = temporaryFolder();
    const told: string[] = [];
    const lock = await taken(folder, { onUnkept: (reason) => told.push(reason) });
    rmSync(join(folder, "locks"), { recursive: true });
    expect(await runShell("exit 0")).toEqual({ ok: true });
    lock.release();
    expect(told).toEqual(["no such file or directory"]);
  });
});

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

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
