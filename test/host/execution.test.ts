import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeOperatorLog } from "../../src/io/operator-log.ts";
import { anotherTime } from "../support/another-time.ts";
import { isRunning } from "../support/fake-helmfile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { clusterBehind, deployedBy } from "./support/cluster-behind.ts";
import { type ControlledHelmfile, controlledHelmfile } from "./support/controlled-helmfile.ts";
import { runInProcess } from "./support/in-process.ts";
import { inventoryOf, mediawikiInventory } from "./support/small-inventory.ts";
import { spawnCommand } from "./support/spawned.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** The flags that every run here has, and the environment of the operator. */
function situation(argv: readonly string[], helmfile: ControlledHelmfile) {
  const logs = join(temporaryFolder(), "logs");
  const own = argv.includes("--no-plugin") || argv.includes("--plugin") ? [] : ["--plugin", command.folder];
  const env = { PATH: helmfile.path, HOME: temporaryFolder() };
  return { argv: [...argv, ...own, "--log_dir", logs], env, logs };
}

/** Runs the command in this process, with a helmfile that obeys. */
function run(argv: readonly string[], helmfile: ControlledHelmfile) {
  const { env, logs, ...situated } = situation(argv, helmfile);
  return { ended: runInProcess(situated.argv, { env }), logs };
}

/** Starts the built command, for what only a process can be done to. */
function start(argv: readonly string[], helmfile: ControlledHelmfile) {
  const { env, logs, ...situated } = situation(argv, helmfile);
  return { ...spawnCommand(command.program, situated.argv, { cwd: repository, env }), logs };
}

/** `--no-plugin` deploys every service as one step, by its name; here each has a change. */
function applying(services: readonly string[], helmfile: ControlledHelmfile, ...flags: string[]): string[] {
  for (const service of services) helmfile.answer(`diff.${service}`, "echo '+ changed'; exit 2");
  return ["apply", "--yes", "--no-plugin", "--inventory", inventoryOf(services), ...flags];
}

const letters = ["a", "b", "c", "d", "e"];

describe("steps", () => {
  it("run side by side as --jobs says, and the next begins when one has ended", async () => {
    const helmfile = controlledHelmfile();
    for (const key of letters) helmfile.hold(key);
    const { ended } = run(applying(letters, helmfile, "--jobs", "2"), helmfile);
    await helmfile.until("start a");
    await helmfile.until("start b");
    for (const [at, key] of letters.entries()) {
      await helmfile.release(key);
      const next = letters[at + 2];
      if (next !== undefined) await helmfile.until(`start ${next}`);
    }
    expect((await ended).exitCode).toBe(0);
    expect(mostAtOnce(helmfile.events())).toBe(2);
    const starts = helmfile.events().filter((event) => event.startsWith("start"));
    expect(starts.sort()).toEqual(letters.map((key) => `start ${key}`));
  });

  it("with --jobs 1 run one after the other, in the plan's order, --priority first", async () => {
    const helmfile = controlledHelmfile();
    const { ended } = run(applying(letters, helmfile, "--jobs", "1", "--priority", "d,b"), helmfile);
    expect((await ended).exitCode).toBe(0);
    const applied = helmfile.calls().filter((call) => !call.includes(" diff "));
    expect(applied.map((call) => call.replace(/^.*services\/(\w)\/.*$/, "$1"))).toEqual([
      "d",
      "b",
      "a",
      "c",
      "e",
    ]);
  });

  it("print on standard error, each line with service and environment before it", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("apply.a", "echo one; echo two >&2; printf 'three, without an end'");
    const { exitCode, stdout, stderr } = await run(applying(["a"], helmfile), helmfile).ended;
    expect(exitCode).toBe(0);
    for (const line of ["one", "two", "three, without an end"]) {
      expect(stderr).toMatch(new RegExp(`^ {2}\\[a north\\] ${line}$`, "m"));
    }
    // The diff is what was asked for; the words of the steps are for people.
    expect(stdout).toContain("+ changed");
    expect(stdout).not.toContain("[a north] one");
  });

  it("keep their output in a file each, with the command and how it ended", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("apply.a", "echo fine");
    helmfile.answer("apply.b", "echo 'Error: no quota' >&2; exit 1");
    const { ended, logs } = run(applying(["a", "b"], helmfile, "--services_dir", "/srv/s"), helmfile);
    expect((await ended).exitCode).toBe(1);
    expect(readdirSync(logs).sort()).toEqual(["a.log", "b.log"]);
    const arguments_ = (name: string): string =>
      `--file /srv/s/${name}/helmfile.yaml --environment north apply --context 5`;
    expect(readFileSync(join(logs, "a.log"), "utf8")).toBe(
      `$ helmfile ${arguments_("a")}\nfine\n# succeeded\n`,
    );
    expect(readFileSync(join(logs, "b.log"), "utf8")).toBe(
      `$ helmfile ${arguments_("b")}\nError: no quota\n# failed\n`,
    );
  });

  it("are named by the release, with what is no plain letter replaced, where a namespace is split", async () => {
    const helmfile = controlledHelmfile();
    const argv = ["apply", "--yes", "--support-only", "--registry", "fixtures/e2e/registry.yaml"];
    helmfile.answer("diff", "exit 2");
    const { ended, logs } = run([...argv, "--inventory", mediawikiInventory()], helmfile);
    expect((await ended).exitCode).toBe(0);
    expect(readdirSync(logs).sort()).toEqual(["mw-web_prometheus.log", "shop_prometheus.log"]);
  });

  it("do not see what the operator's shell says about releases, and are told not to log", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer(
      "apply.a",
      'echo "release=$RELEASE_NAME sal=$SUPPRESS_SAL render=$HELMFILE_RENDER_YAML own=$OWN"',
    );
    helmfile.answer("diff", "exit 2");
    const argv = ["apply", "--yes", "--no-plugin", "--inventory", inventoryOf(["a"])];
    const env = { PATH: helmfile.path, HOME: temporaryFolder(), RELEASE_NAME: "ghost", OWN: "kept" };
    const { stderr } = await spawnCommand(command.program, argv, { cwd: repository, env }).ended;
    expect(stderr).toContain("[a north] release= sal=");
    expect(stderr).toContain("render=true own=kept");
  });
});

describe("a step that fails", () => {
  const names = ["mw-web/prometheus", "mw-web/main", "shop/prometheus", "shop/main", "toolhub/main"];
  /** So that all of it is compared and applied. */
  const everythingIsThere = names.flatMap(deployedBy);

  /*
   *   mw-web/prometheus ──▶ mw-web/main
   *   shop/prometheus ────▶ shop/main      toolhub
   */
  it("blocks what waits for it, by name, and nothing else", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("diff", "exit 2");
    helmfile.answer("apply.mw-web_prometheus", "echo 'Error: timed out' >&2; exit 1");
    const { registryFile } = await clusterBehind(helmfile, { objects: everythingIsThere });
    const argv = ["apply", "--yes", "--with-mediawiki", "--registry", registryFile, "-o", "json"];
    const { ended, logs } = run([...argv, "--inventory", mediawikiInventory()], helmfile);
    const { exitCode, stdout, stderr } = await ended;
    expect(exitCode).toBe(1);
    const { steps } = JSON.parse(stdout) as { steps: { id: string; outcome: { kind: string } }[] };
    expect(Object.fromEntries(steps.map(({ id, outcome }) => [id, outcome.kind]))).toEqual({
      "mw-web/main": "blocked",
      "mw-web/prometheus": "failed",
      "shop/main": "succeeded",
      "shop/prometheus": "succeeded",
      toolhub: "succeeded",
    });
    expect(stderr).toContain("failed: mw-web/prometheus: exit code 1: Error: timed out");
    expect(stderr).toContain(
      "blocked: mw-web/main (the gate of apply stayed shut: mw-web/prometheus failed)",
    );
    expect(readdirSync(logs)).not.toContain("mw-web_main.log");
  });

  it("in a restore blocks the hand-off, which says on what", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("shop_prometheus", "exit 1");
    const { registryFile } = await clusterBehind(helmfile);
    const argv = ["restore", "--yes", "--registry", registryFile, "-o", "json"];
    const { exitCode, stdout } = await run([...argv, "--inventory", mediawikiInventory()], helmfile).ended;
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      commands: [{ stage: "mediawiki", outcome: { kind: "blocked", on: ["shop/prometheus"] } }],
    });
    expect(helmfile.calls()).toHaveLength(3);
  });

  it("in a restore with --skip-gate of both gates before it does not", async () => {
    const helmfile = controlledHelmfile();
    const handOff = controlledHelmfile("mediawiki-handoff");
    helmfile.answer("shop_prometheus", "exit 1");
    const { registryFile } = await clusterBehind(helmfile);
    const argv = ["restore", "--yes", "--skip-gate", "support,mediawiki", "--registry", registryFile];
    const path = `${handOff.folder}:${helmfile.path}`;
    const { exitCode } = await run([...argv, "--inventory", mediawikiInventory()], { ...helmfile, path })
      .ended;
    expect(exitCode).toBe(1);
    expect(handOff.calls()).toEqual(["north"]);
  });

  it("by a signal says which", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("apply.a", "kill -KILL $$");
    const { exitCode, stderr } = await run(applying(["a"], helmfile), helmfile).ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain("failed: a: ended by SIGKILL");
  });

  it("by its diff is not deployed, and what waits for it neither", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("diff", "exit 2");
    helmfile.answer("diff.mw-web_prometheus", "echo 'Error: no such chart' >&2; exit 1");
    const { registryFile } = await clusterBehind(helmfile, { objects: everythingIsThere });
    const argv = ["apply", "--yes", "--with-mediawiki", "--registry", registryFile];
    const { exitCode, stderr } = await run([...argv, "--inventory", mediawikiInventory()], helmfile).ended;
    expect(exitCode).toBe(1);
    expect(helmfile.calls().filter((call) => call.includes(" apply ") && call.includes("mw-web"))).toEqual(
      [],
    );
    expect(stderr).toContain(
      "blocked: mw-web/main (the gate of apply stayed shut: mw-web/prometheus failed)",
    );
  });
});

describe("an interruption", () => {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

  it.each(signals)(
    "by %s reaches what runs as one SIGINT; nothing new begins; exit code 130",
    async (signal) => {
      const helmfile = controlledHelmfile();
      helmfile.hold("a");
      helmfile.hold("b");
      const { ended, kill, logs } = start(applying(letters, helmfile, "--jobs", "2"), helmfile);
      await helmfile.until("start a");
      await helmfile.until("start b");
      kill(signal);
      const { exitCode, stderr } = await ended;
      expect(exitCode).toBe(130);
      expect(helmfile.events().sort()).toEqual(["INT a", "INT b", "start a", "start b"]);
      expect(helmfile.pids().filter(isRunning)).toEqual([]);
      expect(stderr).toContain(
        "interrupted: no new steps; what runs has been asked to stop (Ctrl-C once more kills it)",
      );
      expect(stderr).toContain("cancelled: a, b (interrupted while it ran)");
      expect(stderr).toContain("cancelled: c, d, e (interrupted)");
      expect(readFileSync(join(logs, "a.log"), "utf8")).toMatch(/# cancelled\n$/);
    },
  );

  it("waits for what takes its time to stop", async () => {
    const helmfile = controlledHelmfile();
    helmfile.hold("a", { ignoresInterrupt: true });
    const { ended, kill } = start(applying(["a"], helmfile), helmfile);
    await helmfile.until("start a");
    kill("SIGINT");
    await helmfile.until("INT a");
    await helmfile.release("a", 1);
    expect((await ended).exitCode).toBe(130);
    expect(helmfile.events()).toEqual(["start a", "INT a", "end a"]);
  });

  it("a second time kills what still runs, with all that it started", async () => {
    const helmfile = controlledHelmfile();
    helmfile.hold("a", { ignoresInterrupt: true });
    const child = `(trap '' INT; exec 4<> "$here/orders/a"; read -r never <&4) &\necho $! >> "$here/pids"\n`;
    const [folder = ""] = helmfile.path.split(":");
    helmfile.answer("apply.a", child + readFileSync(join(folder, "answers/a"), "utf8"));
    const { ended, kill, stderr } = start(applying(["a"], helmfile), helmfile);
    await helmfile.until("start a");
    kill("SIGINT");
    await helmfile.until("INT a");
    await anotherTime();
    kill("SIGINT");
    expect((await ended).exitCode).toBe(130);
    expect(helmfile.pids()).toHaveLength(2);
    await expect.poll(() => helmfile.pids().filter(isRunning), { interval: 5 }).toEqual([]);
    expect(stderr()).toContain("what it was deploying may be left pending:\n  a:\n    a/main: ");
  });

  it("a third time ends the command, whatever it still waits for", async () => {
    const helmfile = controlledHelmfile();
    helmfile.hold("orders_db");
    const shop = join(repository, "fixtures/plugins");
    const manifest = JSON.parse(readFileSync(join(shop, "databases-first/plugin.json"), "utf8")) as object;
    const plugin = temporaryFolder({
      "plugin.json": JSON.stringify({ ...manifest, entry: "./hanging.mjs" }),
      "hanging.mjs": `import create from ${JSON.stringify(join(shop, "databases-first/databases-first.js"))};
        export default () => ({ hooks: { ...create().hooks, "rollout:finish": () => {
          console.error("it hangs");
          return new Promise(() => {});
        } } });`,
    });
    const argv = ["refill", "--yes", "--plugin", plugin, "--inventory", join(shop, "shop.json")];
    const { ended, kill, stderr } = start(argv, helmfile);
    await helmfile.until("start orders_db");
    for (const shown of ["it hangs", "killing what still runs", ""]) {
      await anotherTime();
      kill("SIGINT");
      await expect.poll(stderr, { timeout: 10_000, interval: 5 }).toContain(shown);
    }
    expect((await ended).exitCode).toBe(130);
  });

  it("while diffs are taken deploys nothing", async () => {
    const helmfile = controlledHelmfile();
    helmfile.hold("a");
    const argv = ["apply", "--yes", "--no-plugin", "--inventory", inventoryOf(["a", "b"]), "--jobs", "1"];
    const { ended, kill } = start(argv, helmfile);
    await helmfile.until("start a");
    kill("SIGTERM");
    expect(await ended).toMatchObject({ exitCode: 130, stdout: "" });
    expect(helmfile.calls()).toHaveLength(1);
  });
});

describe("the operators' log", () => {
  it("does not hold up a rollout with a command that never ends", async () => {
    const log = controlledHelmfile("log");
    log.hold("log", { ignoresInterrupt: true });
    log.answer("apply", readFileSync(join(log.path.split(":")[0] ?? "", "answers/log"), "utf8"));
    const told = await writeOperatorLog(["log", "apply", "{message}"], "START", { PATH: log.path }, 50);
    expect(told).toBe("the log command log did not work (it did not end within 0.05 s); the line was: START");
    expect(log.calls()).toEqual(["apply START"]);
    expect(log.pids().filter(isRunning)).toEqual([]);
  });
});

describe("output without end", () => {
  it("of one line of 50 MB keeps memory bounded, and is all in the log", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("apply.a", "head -c 50000000 /dev/zero | tr '\\0' x; echo; echo done");
    const folder = temporaryFolder({ "measure.cjs": measure });
    helmfile.answer("diff", "exit 2");
    const argv = ["apply", "--yes", "--no-plugin", "--inventory", inventoryOf(["a"])];
    const logs = join(temporaryFolder(), "logs");
    const NODE_OPTIONS = `--require ${join(folder, "measure.cjs")}`;
    const env = { PATH: helmfile.path, HOME: temporaryFolder(), NODE_OPTIONS };
    const { exitCode, stderr } = await spawnCommand(command.program, [...argv, "--log_dir", logs], { env })
      .ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain("[a north] done");
    expect(Number(readFileSync(join(folder, "peak"), "utf8"))).toBeLessThan(200 * 1024);
    const log = readFileSync(join(logs, "a.log"), "utf8");
    expect(log.replaceAll(/[^x]/g, "").length).toBeGreaterThanOrEqual(50_000_000);
  });

  /** Leaves the peak memory, in KiB, in a file beside it: a pipe that its reader has left full takes nothing at the end. */
  const measure = `if (process.argv[1]?.endsWith("charlie-mediawiki.js")) {
    const peak = () => String(process.resourceUsage().maxRSS);
    process.on("exit", () => require("fs").writeFileSync(__dirname + "/peak", peak()));
  }`;
});

/** How many calls were held at the same time at most. */
function mostAtOnce(events: readonly string[]): number {
  let now = 0;
  let most = 0;
  for (const event of events) {
    now += event.startsWith("start") ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}
