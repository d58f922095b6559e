import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixPendingNote } from "../../src/core/journal/resume-command.ts";
import { anotherTime } from "../support/another-time.ts";
import { isRunning } from "../support/fake-helmfile.ts";
import { helmRecord } from "../support/kubernetes-objects.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { clusterBehind } from "./support/cluster-behind.ts";
import { type ControlledHelmfile, controlledHelmfile } from "./support/controlled-helmfile.ts";
import { hasPseudoTerminal, onTerminal } from "./support/pseudo-terminal.ts";
import { inventoryOf } from "./support/small-inventory.ts";
import { type Spawned, spawnCommand } from "./support/spawned.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** What this machine cannot tell of its processes is not tested on it. */
const hasProc = existsSync("/proc/self/environ");

/** Services a and b, one release each, and the cluster that they are deployed to; a helmfile of either is held. */
async function situation({ existing = [] }: { readonly existing?: readonly string[] } = {}) {
  const helmfile = controlledHelmfile();
  const { kubernetes, registryFile } = await clusterBehind(helmfile, {
    objects: existing.map((id) => helmRecord(id)),
  });
  for (const key of ["a", "b"]) {
    helmfile.answer(`diff.${key}`, "exit 2");
    helmfile.hold(key, { ignoresInterrupt: true });
  }
  const state = temporaryFolder();
  const argv = (verb: string, ...flags: string[]): string[] => [
    ...[verb, "--yes", "--plugin", command.folder, "--registry", registryFile],
    ...[
      "--inventory",
      inventoryOf(["a", "b"]),
      "--state_dir",
      state,
      "--log_dir",
      join(state, "logs"),
      ...flags,
    ],
  ];
  const start = (words: readonly string[], env: Readonly<Record<string, string>> = {}): Spawned =>
    spawnCommand(command.program, words, {
      cwd: repository,
      env: { PATH: helmfile.path, HOME: temporaryFolder(), ...env },
    });
  const runs = async (): Promise<string> => {
    const listing = start(["runs", "--state_dir", state]);
    return (await listing.ended).stdout;
  };
  return { helmfile, kubernetes, state, argv, start, runs };
}

async function bothRun(helmfile: ControlledHelmfile): Promise<void> {
  for (const key of ["a", "b"]) await helmfile.until(`start ${key}`);
}

/** Waits until it has told people this. */
async function tells(spawned: Spawned, text: string): Promise<void> {
  await expect.poll(spawned.stderr, { timeout: 10_000, interval: 5 }).toContain(text);
}

async function nothingRuns(helmfile: ControlledHelmfile): Promise<void> {
  const left = () => helmfile.pids().filter(isRunning);
  await expect.poll(left, { timeout: 10_000, interval: 5 }).toEqual([]);
}

function countdownLines(stderr: string): string[] {
  return stderr.split("\n").flatMap((line) => /rolling back: .*$/.exec(line)?.[0] ?? []);
}

describe("after the first signal", { timeout: 20_000 }, () => {
  it.each(["SIGINT", "SIGQUIT", "SIGUSR2"] as const)(
    "%s: says what is waited for and how long yet, and no more when it has ended",
    async (signal) => {
      const { helmfile, argv, start } = await situation();
      const run = start(argv("restore"));
      await bothRun(helmfile);
      run.kill(signal);
      await tells(run, "rolling back: a, b; killed in 15 min 0 s (Ctrl-C: now)\n");
      for (const key of ["a", "b"]) await helmfile.release(key, 1);
      const { exitCode, stderr } = await run.ended;
      expect(exitCode).toBe(130);
      expect(countdownLines(stderr)).toHaveLength(1);
      expect(stderr).not.toContain("left pending");
    },
  );

  it("says at the end where what was cut off stands in the cluster, and nothing of what came to its end", async () => {
    const { helmfile, kubernetes, argv, start } = await situation({ existing: ["b/main"] });
    const run = start(argv("apply"));
    await bothRun(helmfile);
    run.kill("SIGINT");
    await tells(run, "rolling back: ");
    kubernetes.put(helmRecord("a/main", "pending-install"));
    await helmfile.release("a", 1);
    await helmfile.release("b", 0);
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(
      /\n\nfound in the cluster afterwards:\n {2}pending: a\/main \(pending-install\)\n$/,
    );
  });

  it("does not wait at the end for a cluster that was out of reach before", async () => {
    const { helmfile, kubernetes, argv, start } = await situation();
    kubernetes.answer("/api/v1/namespaces", { kind: "status", status: 403 });
    const run = start(argv("apply"));
    await bothRun(helmfile);
    run.kill("SIGINT");
    await tells(run, "rolling back: ");
    for (const key of ["a", "b"]) await helmfile.release(key, 1);
    const { stderr } = await run.ended;
    expect(stderr).toContain("cancelled: a, b (interrupted while it ran)");
    expect(stderr).not.toContain("found in the cluster");
  });

  it("a second one ends the look at a cluster that hangs by then", async () => {
    const { helmfile, kubernetes, argv, start } = await situation();
    const run = start(argv("restore"));
    await bothRun(helmfile);
    run.kill("SIGINT");
    await tells(run, "rolling back: ");
    kubernetes.answer("/", { kind: "never" });
    await anotherTime();
    const looks = () =>
      kubernetes.calls().filter((call) => call.startsWith("/api/v1/namespaces/a/secrets")).length;
    const before = looks();
    for (const key of ["a", "b"]) await helmfile.release(key, 1);
    await expect.poll(looks, { timeout: 10_000, interval: 5 }).toBe(before + 1);
    run.kill("SIGINT");
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(130);
    expect(stderr).not.toContain("found in the cluster");
  });

  it("a connection that is lost, with its session, kills nothing", async () => {
    const { helmfile, argv, start } = await situation();
    const run = start(argv("restore"));
    await bothRun(helmfile);
    run.kill("SIGHUP");
    await tells(run, "rolling back: ");
    await anotherTime();
    // The session's manager ends what is left in it, some more than once.
    for (const signal of ["SIGTERM", "SIGHUP", "SIGTERM"] as const) run.kill(signal);
    for (const key of ["a", "b"]) await helmfile.release(key, 1);
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(130);
    expect(helmfile.ends().sort()).toEqual(["sync a 1", "sync b 1"]);
    expect(stderr).not.toContain("killing");
  });

  it("counts nothing where nothing runs", async () => {
    const { helmfile, kubernetes, argv, start } = await situation();
    // Whether it is wiped is asked, and not answered.
    kubernetes.answer("/", { kind: "never" });
    const run = start(argv("restore"));
    await expect.poll(() => kubernetes.calls().length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(0);
    run.kill("SIGINT");
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(130);
    expect(countdownLines(stderr)).toEqual([]);
    expect(helmfile.calls()).toEqual([]);
  });

  it("kills what has not ended when --rollback-limit is over, and counts the last seconds", async () => {
    const { helmfile, argv, start, runs } = await situation();
    const run = start(argv("restore", "--rollback_limit", "1"));
    await bothRun(helmfile);
    await helmfile.release("b");
    await helmfile.until("end b");
    run.kill("SIGTERM");
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(130);
    expect(countdownLines(stderr)[0]).toMatch(/^rolling back: a(, b)?; killed in 1 s \(Ctrl-C: now\)$/);
    expect(stderr).toContain("killing what still runs after 1.0 s:\n");
    expect(stderr).toContain("what it was deploying may be left pending:\n  a:\n");
    await nothingRuns(helmfile);
    // The journal tells how each of them ended.
    expect(await runs()).toMatch(/north-\S+.*interrupted: /);
  });

  it.each(["0", "1.5", "86401", "soon"])("--rollback-limit %s is refused", async (limit) => {
    const { argv, start } = await situation();
    const { exitCode, stderr } = await start(argv("restore", "--rollback-limit", limit)).ended;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: expect.stringContaining("expected whole seconds, from 1 to 86400."),
    });
  });
});

describe.skipIf(!hasProc)("what has left the process group of its helmfile", { timeout: 20_000 }, () => {
  /** A run whose helmfile of a has ended after Ctrl-C, and has begun something that goes on until the file `go` is there. */
  const fled = async () => {
    const made = await situation();
    const { helmfile } = made;
    const fugitive = `echo $$ >> "$0/pids"; until [ -e "$0/go" ]; do sleep 0.05; done`;
    const begin = `setsid sh -c '${fugitive}' "$here" > "$here/out" 2>&1 &\n`;
    helmfile.answer("sync.a", begin + readFileSync(join(helmfile.folder, "answers/a"), "utf8"));
    const run = made.start(made.argv("restore"));
    await bothRun(helmfile);
    await expect.poll(() => helmfile.pids().length, { timeout: 10_000, interval: 5 }).toBe(3);
    run.kill("SIGINT");
    for (const key of ["a", "b"]) await helmfile.release(key, 1);
    await tells(run, "what this run has started still runs:\n");
    const [pid = 0] = helmfile.pids().filter(isRunning);
    await tells(run, `  process ${pid}: sh -c echo $$`);
    await tells(run, `rolling back: process ${pid}; killed in `);
    return { ...made, run, pid };
  };

  it("is named when all else has ended, and waited for", async () => {
    const { helmfile, run, argv, start } = await fled();
    // Nobody else deploys to the environment meanwhile.
    expect((await start(argv("restore")).ended).stderr).toContain("deploys to north");
    writeFileSync(join(helmfile.folder, "go"), "");
    expect((await run.ended).exitCode).toBe(130);
  });

  it("is killed by the second Ctrl-C", async () => {
    const { run, pid } = await fled();
    await anotherTime();
    run.kill("SIGINT");
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toContain("killing what still runs");
    await expect.poll(() => isRunning(pid), { timeout: 10_000, interval: 5 }).toBe(false);
  });
});

describe("the second signal", { timeout: 20_000 }, () => {
  it("says of each release what may be left of it and how to go on, and looks at the cluster afterwards", async () => {
    const { helmfile, kubernetes, argv, start, state } = await situation({ existing: ["b/main"] });
    const run = start(argv("apply"));
    await bothRun(helmfile);
    run.kill("SIGINT");
    await tells(run, "rolling back: ");
    kubernetes.put(helmRecord("a/main", "pending-install"));
    await anotherTime();
    run.kill("SIGINT");
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(130);
    await nothingRuns(helmfile);
    const { kubeconfigFile } = kubernetes;
    const [, runName] = /^journal of the run: .*\/(.+)\.ndjson$/m.exec(stderr) ?? [];
    const status = (namespace: string) => `helm --kubeconfig ${kubeconfigFile} -n ${namespace} status main`;
    expect(stderr).toContain(
      [
        "what it was deploying may be left pending:",
        "  a:",
        `    a/main: first install, so pending-install or uninstalling: ${status("a")}`,
        "  b:",
        `    b/main: was at revision 1, so pending-upgrade or pending-rollback: ${status("b")}`,
        `to go on: charlie-mediawiki --state-dir ${state} --resume ${runName}`,
        fixPendingNote,
        "",
      ].join("\n"),
    );
    expect(stderr).toContain("cancelled: a, b (interrupted while it ran)");
    expect(stderr).toMatch(
      /found in the cluster after the kill:\n {2}pending: a\/main \(pending-install\)\n {2}deployed: b\/main \(revision 1, as before\)\n$/,
    );
  });

  it("does not wait for an API server that hangs by then", async () => {
    const { helmfile, kubernetes, argv, start } = await situation();
    const run = start(argv("restore"));
    await bothRun(helmfile);
    run.kill("SIGINT");
    await tells(run, "rolling back: ");
    kubernetes.answer("/", { kind: "never" });
    await anotherTime();
    run.kill("SIGINT");
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(130);
    expect(stderr).toMatch(
      /found in the cluster after the kill:\n {2}could not be looked at: a\/main \(.+\), b\/main \(.+\)\n$/,
    );
  });

  it.skipIf(!hasProc)("also kills what has left the process group of its helmfile", async () => {
    const { helmfile, argv, start } = await situation();
    const fugitive = 'setsid sh -c \'echo $$ >> "$0/pids"; exec sleep 600\' "$here" > "$here/out" 2>&1 &\n';
    helmfile.answer("sync.a", `${fugitive}trap '' INT\necho "start a" >> "$here/events"\nwait; wait\n`);
    const run = start(argv("restore"));
    await bothRun(helmfile);
    await expect.poll(() => helmfile.pids().length, { timeout: 10_000, interval: 5 }).toBe(2);
    run.kill("SIGINT");
    await tells(run, "rolling back: ");
    await anotherTime();
    run.kill("SIGINT");
    expect((await run.ended).exitCode).toBe(130);
    await nothingRuns(helmfile);
  });
});

describe("no helmfile outlives", { timeout: 20_000 }, () => {
  /** Does something to the command, from inside, as soon as the file is there. */
  const whenToldTo = (what: string) => {
    const folder = temporaryFolder();
    const file = join(folder, "now");
    const preload = join(folder, "preload.cjs");
    writeFileSync(
      preload,
      `const { existsSync } = require("node:fs");
      if (process.argv[1]?.endsWith("charlie-mediawiki.js")) {
        const timer = setInterval(() => {
          if (!existsSync(${JSON.stringify(file)})) return;
          clearInterval(timer);
          ${what};
        }, 5).unref();
      }`,
    );
    return { env: { NODE_OPTIONS: `--require ${preload}` }, now: () => writeFileSync(file, "") };
  };

  it.each([
    ["an error that nobody catches", 'throw new Error("of a plugin")', "of a plugin"],
    ["a rejection that nobody handles", 'Promise.reject(new Error("of a plugin"))', "of a plugin"],
    ["a plugin that ends the process", "process.exit(0)", "process.exit(0) was called, and a plugin may not"],
  ])("%s: it is asked to roll back", async (_, what, message) => {
    const { helmfile, argv, start } = await situation();
    const { env, now } = whenToldTo(what);
    const run = start(argv("restore"), env);
    await bothRun(helmfile);
    now();
    for (const key of ["a", "b"]) {
      await helmfile.until(`INT ${key}`);
      await helmfile.release(key, 1);
    }
    const { exitCode, stderr } = await run.ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`a bug in charlie-mediawiki or in its plugin: ${message}`);
    await nothingRuns(helmfile);
  });

  it("a reader of its words who goes away: it runs to its end", async () => {
    const { helmfile, argv } = await situation();
    const [file, ...words] = [process.execPath, command.program, ...argv("restore")];
    const env = { PATH: helmfile.path, HOME: temporaryFolder() };
    const run = execa(file, words, { cwd: repository, env, extendEnv: false, reject: false, buffer: false });
    await bothRun(helmfile);
    run.stdout.destroy();
    run.stderr.destroy();
    for (const key of ["a", "b"]) await helmfile.release(key);
    expect((await run).exitCode).toBe(0);
    expect(helmfile.ends().sort()).toEqual(["sync a 0", "sync b 0"]);
  });
});

describe.skipIf(!hasProc)("a file that never answers keeps nobody waiting after Ctrl-C", () => {
  it.each([
    ["the inventory", "--inventory"],
    ["the registry", "--registry"],
    ["the plugin's manifest", "--plugin"],
  ])("%s", async (name, flag) => {
    const folder = temporaryFolder();
    const pipe = join(folder, "pipe");
    execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', pipe]);
    const files = { "--inventory": inventoryOf(["a"]), "--plugin": command.folder, [flag]: pipe };
    const argv = ["list", ...Object.entries(files).flat()];
    const run = spawnCommand(command.program, argv, { cwd: repository, env: { HOME: folder } });
    await expect.poll(() => hears(run.pid, 3), { timeout: 10_000, interval: 5 }).toBe(true);
    await anotherTime();
    run.kill("SIGQUIT");
    const { exitCode, stderr } = await run.ended;
    // SIGINT has ended it, which a shell calls 130.
    expect(exitCode).toBe(-1);
    expect(stderr).toContain(name);
    expect(stderr).toContain("had not been read before the interruption\n");
  });

  it.each([
    ["the list of deployments", (pipe: string) => ["check", "--deployments", pipe]],
    ["a journal", (pipe: string) => ["report", pipe]],
    ["a kubeconfig", (pipe: string) => ["plan", "--mode", "restore", "--kubeconfig", pipe]],
  ])("%s", async (_, wordsFor) => {
    const folder = temporaryFolder();
    const pipe = join(folder, "pipe");
    execFileSync("/bin/sh", ["-c", 'mkfifo "$0"', pipe]);
    const [verb = "", ...words] = wordsFor(pipe);
    const about = verb === "report" ? [] : ["--inventory", inventoryOf(["a"]), "--plugin", command.folder];
    const argv = [verb, ...about, ...words];
    const run = spawnCommand(command.program, argv, { cwd: repository, env: { HOME: folder } });
    await expect.poll(() => hears(run.pid, 3), { timeout: 10_000, interval: 5 }).toBe(true);
    await anotherTime();
    run.kill("SIGQUIT");
    expect((await run.ended).exitCode).toBe(-1);
  });
});

it("a plugin that never answers keeps nobody waiting when the time of preflight is up", async () => {
  const plugin = temporaryFolder({
    "plugin.json": JSON.stringify({
      ...{ name: "mute", version: "1.0.0", apiVersion: 1, entry: "./plugin.mjs" },
      hooks: { "rollout:preflight": { timeoutSeconds: 600 } },
    }),
    "plugin.mjs": `export default () => ({ hooks: { "rollout:preflight": () => new Promise(() => {}) } });`,
  });
  const argv = ["preflight", "-e", "north", "--release", "shop/main", "--timeout", "1", "--plugin", plugin];
  const { exitCode, stdout, stderr } = await spawnCommand(command.program, argv, { cwd: repository }).ended;
  expect([0, 1, 2]).not.toContain(exitCode);
  expect({ stdout, stderr }).toEqual({
    stdout: "",
    stderr: "preflight did not end within 1 s: something that it waits for hangs\n",
  });
});

/** Whether a process has a handler for the signal of this number. */
function hears(pid: number, signal: number): boolean {
  const caught = /^SigCgt:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return ((BigInt(`0x${caught}`) >> BigInt(signal - 1)) & 1n) === 1n;
}

// Without python3 there is no terminal that could go away.
describe.skipIf(!hasPseudoTerminal)("a terminal that goes away", { timeout: 20_000 }, () => {
  it("in the middle of a question: what runs is asked to roll back, and the run is written down", async () => {
    const { helmfile, argv, runs } = await situation();
    helmfile.answer("sync.a", "echo 'Error: no quota'; exit 1");
    const words = argv("apply").filter((word) => word !== "--yes");
    const folder = temporaryFolder({
      "preload.cjs": `process.on("exit", (code) => require("node:fs").writeFileSync(__dirname + "/exit", "" + code));`,
    });
    const env = {
      ...{ PATH: helmfile.path, HOME: temporaryFolder(), TERM: "xterm", LANG: "C.UTF-8" },
      NODE_OPTIONS: `--require ${join(folder, "preload.cjs")}`,
    };
    const session = onTerminal([process.execPath, command.program, ...words], { env, cwd: repository });
    await session.sees("apply 2 steps?");
    session.types("a\r");
    await session.sees("a failed (exit code 1");
    await helmfile.until("start b");
    session.hangUp();
    await helmfile.until("INT b");
    await helmfile.release("b", 1);
    await expect.poll(runs, { timeout: 10_000 }).toMatch(/interrupted: .*1 cancelled/);
    await nothingRuns(helmfile);
    await expect.poll(() => existsSync(join(folder, "exit")), { timeout: 10_000 }).toBe(true);
    expect(readFileSync(join(folder, "exit"), "utf8")).toBe("130");
  });
});

describe.skipIf(!hasProc)("after a SIGKILL", { timeout: 20_000 }, () => {
  /** A run that was killed while its helmfiles ran, which run on. */
  const killed = async () => {
    const made = await situation();
    const run = made.start(made.argv("restore"));
    await bothRun(made.helmfile);
    run.kill("SIGKILL");
    await run.ended;
    return made;
  };

  it("a run refuses to begin beside the helmfiles that live on, and names them", async () => {
    const { helmfile, argv, start } = await killed();
    const { exitCode, stderr } = await start(argv("restore")).ended;
    expect(exitCode).toBe(2);
    const [one = 0, two = 0] = helmfile.pids();
    for (const pid of [one, two]) {
      expect(stderr).toMatch(
        new RegExp(`^ {2}north-\\d{8}T\\d{6}Z-\\d+: process ${pid}: .*helmfile .* sync`, "m"),
      );
      expect(stderr).toContain(`kill -INT -${pid}`);
    }
    expect(stderr).toContain("an earlier run of north was killed, and what it started still runs:\n");
    // As an operator would type it.
    const [, stop = ""] = /or let it roll back.*: (kill .*)/.exec(stderr) ?? [];
    execFileSync("/bin/sh", ["-c", stop]);
    for (const key of ["a", "b"]) await helmfile.until(`INT ${key}`);
    for (const key of ["a", "b"]) await helmfile.release(key);
    await nothingRuns(helmfile);
  });

  it("a run with --wait waits for them, and goes on from what they have deployed", async () => {
    const { helmfile, argv, start } = await killed();
    const run = start(argv("restore", "--resume", "--wait", "60"));
    await tells(run, "waiting for what is left of an earlier run:\n");
    for (const key of ["a", "b"]) await helmfile.release(key);
    const { stderr } = await run.ended;
    expect(stderr).toMatch(/^a was running when north-\S+ ended; a\/main is deployed, .* counts as done$/m);
    expect(helmfile.ends().sort()).toEqual(["sync a 0", "sync b 0"]);
  });

  it("what a helmfile of a run that ended in order has left in the background is not in the way", async () => {
    const { helmfile, argv, start } = await situation();
    const left = 'setsid sh -c \'echo $$ >> "$0/pids"; exec sleep 600\' "$here" > "$here/out" 2>&1 &\n';
    helmfile.answer("sync.a", left);
    helmfile.answer("sync.b", "exit 1");
    expect((await start(argv("restore")).ended).exitCode).toBe(1);
    await expect.poll(() => helmfile.pids().length, { timeout: 10_000, interval: 5 }).toBe(1);
    helmfile.answer("sync.b", "exit 0");
    const { stderr } = await start(argv("restore", "--resume")).ended;
    expect(stderr).toContain("1 are left");
    expect(helmfile.pids().filter(isRunning)).toHaveLength(1);
    for (const pid of helmfile.pids()) process.kill(pid, "SIGKILL");
  });
});
