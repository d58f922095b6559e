import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { planSchema } from "../../src/core/plan/plan.ts";
import { fakeHelmfile, type Manner, servicesOf } from "../support/fake-helmfile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { clusterBehind } from "./support/cluster-behind.ts";
import { type ControlledHelmfile, controlledHelmfile } from "./support/controlled-helmfile.ts";
import { type Ended, runInProcess } from "./support/in-process.ts";
import { mediawikiInventory } from "./support/small-inventory.ts";
import { spawnCommand } from "./support/spawned.ts";

const eqiad = "fixtures/inventories/services-eqiad.json";
const registry = "fixtures/e2e/registry.yaml";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** Runs the command with this package's plugin and the small registry. */
function run(argv: readonly string[], options?: Parameters<typeof runInProcess>[1]): Promise<Ended> {
  const [verb = "", ...flags] = argv;
  const own = flags.some((flag) => flag.startsWith("--registry")) ? [] : ["--registry", registry];
  return runInProcess([verb, "--plugin", command.folder, ...own, ...flags], options);
}

/** Words for people and the exit code, where nothing may be answered. */
async function refused(argv: readonly string[], options?: Parameters<typeof runInProcess>[1]) {
  const { exitCode, stdout, stderr } = await run(argv, options);
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toContain("a bug in");
  return { exitCode, stderr };
}

/** The plan in the answer of `plan`, which holds beside it what it is expected to take. */
function planOf(stdout: string) {
  const { expected, ...plan } = JSON.parse(stdout) as { expected: unknown };
  expect(expected).toMatchObject({ runs: 0 });
  return planSchema.parse(plan);
}

describe("list and plan of a real inventory", () => {
  const asked: [string, string[]][] = [
    ["list", ["list"]],
    ["list-support", ["list", "--support-only"]],
    ["plan-apply", ["plan", "--jobs", "8"]],
    ["plan-restore", ["plan", "--jobs", "8", "--mode", "restore", "--exclude", "cirrus-streaming-updater"]],
    ["plan-restore-support", ["plan", "--jobs", "8", "--mode", "restore", "--support-only"]],
  ];

  it.each(asked)("%s is as a person reads it", async (name, argv) => {
    const { exitCode, stdout } = await run([...argv, "--inventory", eqiad]);
    expect(exitCode).toBe(0);
    await expect(stdout).toMatchFileSnapshot(`__snapshots__/eqiad-${name}.txt`);
  });

  it.each(asked)("%s as JSON is one document and nothing else, the same bytes twice", async (_, argv) => {
    const first = await run([...argv, "--inventory", eqiad, "-o", "json"]);
    expect(first.exitCode).toBe(0);
    expect(first.stdout.endsWith("\n")).toBe(true);
    expect(first.stdout.trimEnd()).not.toContain("\n");
    expect(JSON.parse(first.stdout)).toMatchObject({ version: 1, environment: "eqiad" });
    expect(await run([...argv, "--inventory", eqiad, "-o", "json"])).toEqual(first);
  });

  it("the JSON of list has the keys that other tools rely on", async () => {
    const { stdout, stderr } = await run(["list", "--inventory", eqiad, "-o", "json"]);
    const answer = JSON.parse(stdout) as { releases: object[]; absent: string[]; unreadable: object[] };
    expect(Object.keys(answer)).toEqual(["version", "environment", "releases", "absent", "unreadable"]);
    expect(answer.absent).toEqual(["benthos-cache-invalidator", "failoid-ng"]);
    expect(answer.unreadable).toEqual([
      {
        service: "cirrus-streaming-updater",
        message: expect.stringContaining(".Values.backfill"),
        exitCode: 1,
      },
    ]);
    for (const release of answer.releases) {
      expect(release).toEqual({
        service: expect.any(String),
        namespace: expect.any(String),
        name: expect.any(String),
        chart: expect.any(String),
        installed: expect.any(Boolean),
        class: expect.stringMatching(/^(support|mediawiki|other|unclassified)$/),
        reason: expect.objectContaining({ text: expect.any(String) }),
      });
    }
    expect(answer.releases).toContainEqual(
      expect.objectContaining({ service: "apertium", name: "staging", installed: false }),
    );
    expect(stderr).toMatch(/^warning: the service cirrus-streaming-updater could not be read: /m);
  });

  it("the JSON of plan is a plan, from which every step, stage and exclusion can be read", async () => {
    const { stdout } = await run(["plan", "--mode", "restore", "--inventory", eqiad, "-o", "json"]);
    const plan = planOf(stdout);
    expect(plan.mode).toBe("restore");
    expect(plan.stages.map(({ name, gate, run: its }) => [name, gate, its?.[0]])).toEqual([
      ["daemonsets", "wait", undefined],
      ["support", "wait", undefined],
      ["priority", "none", undefined],
      ["rest", "none", undefined],
      ["mediawiki", "none", "mediawiki-handoff"],
    ]);
    expect(plan.excluded).toContainEqual({
      release: "apertium/staging",
      class: "other",
      reason: "not installed in eqiad",
    });
  });

  it("the registry of the package is the one that is taken without --registry", async () => {
    const { exitCode, stdout } = await runInProcess([
      "list",
      "--plugin",
      command.folder,
      "--inventory",
      eqiad,
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`(${join(command.folder, "registry.yaml")}:`);
  });

  it("--no-plugin takes all releases for alike, and everything goes at once", async () => {
    const list = await runInProcess(["list", "--no-plugin", "--inventory", eqiad, "-o", "json"]);
    const { releases } = JSON.parse(list.stdout) as { releases: { class: string }[] };
    expect(new Set(releases.map((release) => release.class))).toEqual(new Set(["other"]));
    const plan = await runInProcess(["plan", "--no-plugin", "--inventory", eqiad, "-o", "json"]);
    const { steps, stages, gates } = planOf(plan.stdout);
    expect(steps.flatMap(({ after }) => after)).toEqual([]);
    expect(steps.flatMap(({ args }) => args)).not.toContain("-l");
    expect({ stages: stages.length, gates: gates.length }).toEqual({ stages: 1, gates: 0 });
  });

  it("--no-plugin knows no verb and no flag of the plugin", async () => {
    for (const argv of [["restore"], ["apply", "--support-only"], ["plan", "--mode", "restore"]]) {
      const { exitCode, stdout, stderr } = await runInProcess([...argv, "--no-plugin", "--inventory", eqiad]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
      expect(stderr).toMatch(
        /^(unknown verb "restore"|unknown flag "--support-only"|there is no rollout "restore")/,
      );
    }
  });
});

describe("an inventory", () => {
  const written = (text: string): string =>
    join(temporaryFolder({ "inventory.json": text }), "inventory.json");
  const release = { name: "main", namespace: "a", chart: "wmf-stable/a" };
  const service = { service: "a", helmfile: "a/helmfile.yaml", releases: [release] };
  const inventory = (overrides: object = {}): string =>
    JSON.stringify({
      version: 1,
      environment: "eqiad",
      services: [service],
      absent: [],
      errors: [],
      ...overrides,
    });

  it("that is sound is read", async () => {
    expect(await run(["list", "--inventory", written(inventory())])).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
  });

  it.each([
    ["missing", undefined, "cannot be read: no such file or directory"],
    ["empty", "", "cut off, or empty"],
    ["cut off", inventory().slice(0, 100), "cut off"],
    ["no JSON", "hello", ":1:1: error: "],
    ["of another version", inventory({ version: 2 }), ":1:12: error: "],
    ["with a service twice", inventory({ services: [service, service] }), "a"],
    [
      "with a release twice",
      inventory({ services: [{ ...service, releases: [release, release] }] }),
      "a/main",
    ],
    [
      "with a release of two services",
      inventory({ services: [service, { ...service, service: "b", helmfile: "b/helmfile.yaml" }] }),
      "a/main",
    ],
    [
      "with a name that would be a flag",
      inventory({ services: [{ ...service, service: "--yes" }] }),
      "--yes",
    ],
    ["with an unknown key", inventory({ environmet: "x" }), "expected: perhaps environment"],
  ])("that is %s is refused with exit code 2", async (_, text, expected) => {
    const file = text === undefined ? "/nonexistent/inventory.json" : written(text);
    const { exitCode, stderr } = await refused(["plan", "--inventory", file]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(expected);
    expect(stderr).toContain(file);
  });

  it("that is a folder is refused", async () => {
    const { exitCode, stderr } = await refused(["list", "--inventory", temporaryFolder()]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("it is a directory");
  });
});

describe("a registry", () => {
  const invalid = readdirSync("fixtures/registries/invalid").filter((name) => name.endsWith(".yaml"));

  it.each(invalid)("that is invalid is refused with exit code 2 and the places: %s", async (name) => {
    const file = `fixtures/registries/invalid/${name}`;
    const { exitCode, stderr } = await refused(["plan", "--inventory", eqiad, "--registry", file]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(new RegExp(`^${file.replaceAll(".", "\\.")}:\\d+:\\d+: error: `, "m"));
  });

  it("that is missing or a folder is refused by its path", async () => {
    expect(await refused(["list", "--inventory", eqiad, "--registry", "/nonexistent.yaml"])).toEqual({
      exitCode: 2,
      stderr: "the registry /nonexistent.yaml cannot be read: no such file or directory\n",
    });
    expect(await refused(["list", "--inventory", eqiad, "--registry", "fixtures"])).toEqual({
      exitCode: 2,
      stderr: "the registry fixtures cannot be read: it is a directory\n",
    });
  });

  it.each(["list", "plan", "explain mw-web", "runbook --mode apply", "check"])(
    "with an environment that is probably misspelled is told so by %s, which goes on",
    async (words) => {
      const file = "fixtures/registries/valid/misspelled-environment.yaml";
      const flags = ["--inventory", mediawikiInventory(), "--registry", file];
      const { stdout, stderr } = await run([...words.split(" "), ...flags]);
      expect(stderr).toContain(`${file}:4:53: warning: the environment "eqaid" is named nowhere else\n`);
      expect(stderr).toContain("to do: did you mean eqiad?\n");
      expect(stdout).not.toBe("");
    },
  );

  describe("that contradicts itself about a release", () => {
    const file = (): string =>
      join(
        temporaryFolder({
          "registry.yaml":
            "version: 1\nrules:\n  - match: { chart: mediawiki }\n    class: mediawiki\nnamespaces:\n  mw-web:\n    other: [main]\n",
        }),
        "registry.yaml",
      );

    it("makes plan refuse with both places", async () => {
      const path = file();
      const { exitCode, stderr } = await refused([
        "plan",
        "--inventory",
        eqiad,
        "--registry",
        path,
        "-s",
        "mw-web",
      ]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`${path}:7:13: error: mw-web/main is other by its namespace's entry`);
      expect(stderr).toMatch(new RegExp(`^  ${path}:3:\\d+: this rule says mediawiki$`, "m"));
    });

    it("makes nothing refuse where that release is not selected", async () => {
      const { exitCode } = await run(["plan", "--inventory", eqiad, "--registry", file(), "-s", "thumbor"]);
      expect(exitCode).toBe(0);
    });

    it("makes list end with 2, and list all the same", async () => {
      const { exitCode, stdout } = await run([
        "list",
        "--inventory",
        eqiad,
        "--registry",
        file(),
        "-s",
        "mw-web",
      ]);
      expect(exitCode).toBe(2);
      expect(stdout).toContain("unclassified");
    });
  });

  describe("that says nothing about a release beside MediaWiki", () => {
    const selected = ["--inventory", eqiad, "-s", "mw-videoscaler"];
    const file = (): string => {
      const rule = "  - match: { chart: mediawiki, release: main }\n    class: mediawiki\n";
      return join(temporaryFolder({ "registry.yaml": `version: 1\nrules:\n${rule}` }), "registry.yaml");
    };
    const one = (): string => {
      const text = JSON.stringify({
        version: 1,
        environment: "eqiad",
        services: [
          {
            service: "mw-web",
            helmfile: "mw-web/helmfile.yaml",
            releases: [
              { name: "main", namespace: "mw-web", chart: "wmf-stable/mediawiki" },
              { name: "stray", namespace: "mw-web", chart: "wmf-stable/stray" },
            ],
          },
        ],
        absent: [],
        errors: [],
      });
      return join(temporaryFolder({ "inventory.json": text }), "inventory.json");
    };

    it("is listed as unclassified with a warning and exit code 0", async () => {
      const { exitCode, stdout, stderr } = await run(["list", "--inventory", one(), "--registry", file()]);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/mw-web\/stray +wmf-stable\/stray +unclassified/);
      expect(stderr).toContain("warning: mw-web/stray");
    });

    it("is refused by plan with the lines to add", async () => {
      const { exitCode, stderr } = await refused(["plan", "--inventory", one(), "--registry", file()]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain("error: mw-web/stray (chart wmf-stable/stray) is in a MediaWiki namespace");
      expect(stderr).toContain("    namespaces:\n      mw-web:\n        support: [stray]");
    });

    it("is no matter where it is not selected", async () => {
      expect((await run(["plan", ...selected])).exitCode).toBe(0);
    });
  });
});

describe("a selection", () => {
  it.each([
    [["list", "-s", "nothing-*"], '--service "nothing-*" matches no service'],
    [["plan", "-s", "thumbor", "-s", "thunbor"], "did you mean thumbor?"],
    [["plan", "--exclude", "shelbox"], '--exclude "shelbox" matches no service'],
    [["plan", "--priority", "tolhub"], "did you mean toolhub?"],
    [["plan", "--resume_at", "tolhub"], '--resume_at "tolhub" matches no service'],
    [["plan", "-s-l"], '--service "-l" matches no service'],
    [["apply", "--yes", "--exclude=--file"], '--exclude "--file" matches no service'],
    [["apply", "--yes", "--resume_at=-l"], '--resume_at "-l" matches no service'],
    [["plan", "-s", "é*"], '--service "é*" matches no service'],
    [
      ["plan", "-e", "codfw"],
      'unknown environment "codfw": the inventory fixtures/inventories/services-eqiad.json is of eqiad',
    ],
    [["plan", "-e", "cod*"], 'unknown environment "cod*"'],
    [["plan", "--mode", "restor"], 'there is no rollout "restor": did you mean restore?'],
    [
      ["plan", "--mode", "restore", "--skip-gate", "suport"],
      "--skip-gate suport: there is no such stage: did you mean support?",
    ],
    [
      ["plan", "--support-only", "--with-mediawiki"],
      "--support-only and --with-mediawiki contradict each other",
    ],
    [
      ["restore", "--yes", "--support-only", "--with-mediawiki"],
      "--support-only and --with-mediawiki contradict each other",
    ],
    [
      ["restore", "--yes", "--resume_at", "toolhub", "--exclude", "cirrus-streaming-updater"],
      "--resume_at toolhub would skip support releases",
    ],
  ])("%j is refused with exit code 2", async (argv, expected) => {
    const helmfile = controlledHelmfile();
    const { exitCode, stderr } = await refused([...argv, "--inventory", eqiad], {
      env: { PATH: helmfile.path },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(expected);
    expect(helmfile.calls()).toEqual([]);
  });
});

it("--skip-gate for a stage that has nothing to do here is a warning", async () => {
  const { exitCode, stderr } = await run([
    "plan",
    "--skip-gate",
    "daemonsets",
    "--inventory",
    eqiad,
    "-s",
    "thumbor",
  ]);
  expect({ exitCode, stderr }).toEqual({
    exitCode: 0,
    stderr: "warning: --skip-gate daemonsets has no effect: no stage of that name has anything to do here\n",
  });
});

it("demo --without leaves out what is excluded", async () => {
  const { stdout } = await run(["demo", "--without", "--exclude", "mw-videoscaler"]);
  expect(stdout).toContain(" of 63 services deployed in ");
  expect(stdout.slice(stdout.indexOf("Act 2"))).not.toContain("mw-videoscaler");
});

it("demo for an environment that the package carries no inventory of is refused, and the known ones are listed", async () => {
  for (const environment of ["codfw", "../services-eqiad", "eq*"]) {
    expect(await refused(["demo", "-e", environment])).toEqual({
      exitCode: 2,
      stderr: `unknown environment "${environment}": the package carries eqiad, staging, traindev; for another one give --inventory\n`,
    });
  }
});

describe("the services directory", () => {
  const services: Record<string, Manner> = { alpha: "sound", beta: "sound", gamma: "absent" };
  const fake = () => {
    const helmfile = fakeHelmfile();
    return {
      ...helmfile,
      env: { ...process.env, PATH: `${join(helmfile.program, "..")}:${process.env.PATH}` },
    };
  };

  it("is read with the helmfile on PATH", async () => {
    const { env } = fake();
    const argv = ["list", "--services_dir", servicesOf(services), "-e", "eqiad", "-o", "json"];
    const { exitCode, stdout, stderr } = await run(argv, { env });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      releases: [{ service: "alpha" }, { service: "beta" }],
      absent: ["gamma"],
    });
  });

  it("gives a document for each environment that a glob matches, each on a line of its own", async () => {
    const { env } = fake();
    for (const verb of ["list", "plan"]) {
      const argv = [verb, "--services_dir", servicesOf(services), "-e", "*", "-o", "json"];
      const { exitCode, stdout } = await run(argv, { env });
      expect(exitCode).toBe(0);
      expect(
        stdout
          .trimEnd()
          .split("\n")
          .map((line) => (JSON.parse(line) as { environment: string }).environment),
      ).toEqual(["eqiad", "nowhere"]);
    }
  });

  it("an environment that no helmfile defines is refused, and the known ones are listed", async () => {
    const { env, calls } = fake();
    const argv = ["list", "--services_dir", servicesOf(services), "-e", "eqid"];
    expect(await refused(argv, { env })).toEqual({
      exitCode: 2,
      stderr: 'unknown environment "eqid": the helmfiles define eqiad, nowhere; did you mean eqiad?\n',
    });
    expect(await refused([...argv.slice(0, 3), "--environment=--file"], { env })).toEqual({
      exitCode: 2,
      stderr: 'unknown environment "--file": the helmfiles define eqiad, nowhere\n',
    });
    expect(calls()).toEqual([]);
  });

  it("several environments are refused by a restore and by inventory", async () => {
    const { env, calls } = fake();
    for (const verb of ["restore", "inventory"]) {
      const argv = [verb, "--services_dir", servicesOf(services), "-e", "*"];
      expect(await refused(argv, { env })).toEqual({
        exitCode: 2,
        stderr: `${verb} is for one environment: name it by -e (eqiad, nowhere match)\n`,
      });
    }
    expect(calls()).toEqual([]);
  });

  it("has no release that no environment lists: explain refuses it also where its service is absent in others", async () => {
    const { env } = fake();
    const folder = servicesOf({ alpha: "eqiad", gamma: "absent" });
    const explain = (...words: string[]) => ["explain", "--services_dir", folder, "-o", "json", ...words];
    for (const environment of [[], ["-e", "eqiad"], ["-e", "*"]]) {
      const { exitCode, stderr } = await refused(explain("alpha/mainn", ...environment), { env });
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(
        /^there is no release, service or namespace "alpha\/mainn" in eqiad.*: did you mean alpha\/main\?\n$/,
      );
    }
    const { exitCode, stdout } = await run(explain("alpha/main"), { env });
    expect(exitCode).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ environment: "eqiad" }, { environment: "nowhere", releases: [] }]);
    expect((await run(explain("gamma"), { env })).exitCode).toBe(0);
  });

  it("inventory writes what --inventory reads", async () => {
    const { env } = fake();
    const folder = servicesOf(services);
    const inventory = await run(["inventory", "--services_dir", folder, "-e", "eqiad"], { env });
    expect(inventory).toMatchObject({ exitCode: 0, stderr: "" });
    const file = join(temporaryFolder({ "eqiad.json": inventory.stdout }), "eqiad.json");
    const fromFile = await run(["list", "--inventory", file, "-o", "json"]);
    const fromTree = await run(["list", "--services_dir", folder, "-e", "eqiad", "-o", "json"], { env });
    expect(fromFile).toEqual(fromTree);
  });

  it("that is missing, a file, or without a helmfile is refused", async () => {
    const folder = temporaryFolder({ file: "", "empty/README": "" });
    for (const [name, expected] of [
      ["missing", "cannot be read: no such file or directory"],
      ["file", "cannot be read: not a directory"],
      ["empty", `there is no helmfile below ${folder}/empty`],
    ]) {
      const { exitCode, stderr } = await refused([
        "list",
        "--services_dir",
        `${folder}/${name}`,
        "-e",
        "eqiad",
      ]);
      expect(exitCode).toBe(2);
      expect(stderr).toContain("--services_dir (an absolute path, or ./… from here)");
      expect(stderr).toContain(expected);
    }
  });

  it("cannot be read without helmfile: exit code 3", async () => {
    const argv = ["list", "--services_dir", servicesOf(services), "-e", "eqiad"];
    const { exitCode, stderr } = await refused(argv, { env: { PATH: "/nonexistent" } });
    expect(exitCode).toBe(3);
    expect(stderr).toContain("helmfile is not installed or not on PATH");
  });

  it.each(["garbage", "silent"] as const)(
    "with a helmfile that is %s cannot be read: exit code 3",
    async (manner) => {
      const { env } = fake();
      const argv = ["list", "--services_dir", servicesOf({ alpha: manner, beta: manner }), "-e", "eqiad"];
      const { exitCode, stderr } = await refused(argv, { env });
      expect(exitCode).toBe(3);
      expect(stderr).toContain("what it answered is not what `helmfile build` prints");
    },
  );

  it("with one bad helmfile costs that one: list and plan warn", async () => {
    const { env } = fake();
    const folder = servicesOf({ ...services, broken: "broken" });
    for (const verb of ["list", "plan"]) {
      const { exitCode, stdout, stderr } = await run(
        [verb, "--services_dir", folder, "-e", "eqiad", "-o", "json"],
        { env },
      );
      expect(exitCode).toBe(0);
      expect(stderr).toContain("warning: the service broken could not be read: ");
      expect(JSON.parse(stdout)).toMatchObject({ unreadable: [{ service: "broken" }] });
    }
  });

  it("interrupted while it is read: exit code 130", async () => {
    const { env, hanging } = fake();
    const interruption = new AbortController();
    const argv = ["list", "--services_dir", servicesOf({ alpha: "hanging" }), "-e", "eqiad"];
    const ended = refused(argv, { env, signal: interruption.signal });
    await expect.poll(() => hanging().length, { interval: 5 }).toBe(2);
    interruption.abort();
    expect((await ended).exitCode).toBe(130);
  });

  it("of several environments none is deployed while one of them has no plan", async () => {
    const release = (name: string, chart: string, condition = ""): string =>
      `  - name: ${name}\n    namespace: a\n    chart: ${chart}\n${condition}`;
    const folder = temporaryFolder({
      "services/a/helmfile.yaml": `environments:\n  north: {}\n  south: {}\n---\nreleases:\n${release("main", "x/y")}`,
    });
    const helmfile = controlledHelmfile();
    // What helmfile prints for the two: in the south there is a release that the registry leaves open.
    helmfile.answer(
      "build",
      `environment=$4
echo '---'; echo "#  Source: ${folder}/services/a/helmfile.yaml"; echo
echo 'filepath: helmfile.yaml'; echo 'releases:'
for name in main $([ "$environment" = south ] && echo stray); do
  chart=x/mediawiki; [ $name = stray ] && chart=x/stray
  printf '  - chart: %s\\n    name: %s\\n    namespace: a\\n' "$chart" "$name"
done
printf 'templates: {}\\nrenderedvalues: {}\\n'`,
    );
    const argv = ["apply", "--yes", "--with-mediawiki", "--services_dir", join(folder, "services")];
    const { exitCode, stderr } = await refused(argv, { env: { ...process.env, PATH: helmfile.path } });
    expect(stderr).toContain("error: a/stray");
    expect(exitCode).toBe(2);
    expect(helmfile.calls().filter((call) => !call.endsWith("build"))).toEqual([]);
  });

  it("of several environments a refusal says which it is about, and what is not begun after it", async () => {
    const folder = temporaryFolder({
      "services/a/helmfile.yaml":
        "environments:\n  north: {}\n  south: {}\n  west: {}\n---\nreleases:\n  - { name: main, namespace: a, chart: x/y }\n",
      // Where the folder for the logs of this one would be.
      "logs/south": "",
    });
    const helmfile = controlledHelmfile();
    helmfile.answer(
      "build",
      `printf '%s\\n' '---' "#  Source: ${folder}/services/a/helmfile.yaml" '' 'filepath: helmfile.yaml' 'releases:' \
  '  - chart: x/y' '    name: main' '    namespace: a' 'templates: {}' 'renderedvalues: {}'`,
    );
    helmfile.answer("diff", "echo '+ changed'; exit 2");
    const places = ["--services_dir", join(folder, "services"), "--log_dir", join(folder, "logs")];
    const env = { ...process.env, PATH: helmfile.path, HOME: temporaryFolder() };
    const { exitCode, stderr } = await runInProcess(["apply", "--yes", "--no-plugin", ...places], { env });
    expect(stderr).toContain("apply of north took");
    expect(stderr).toMatch(/^south: the folder for the logs cannot be made: /m);
    expect(stderr).toMatch(/^not begun after that: west$/m);
    expect(exitCode).toBe(2);
    expect(helmfile.calls().filter((call) => call.includes(" apply "))).toHaveLength(1);
  });
});

describe("a verb that deploys", () => {
  const some = ["--inventory", eqiad, "-s", "thumbor", "-s", "toolhub"];

  /** Runs the command with a helmfile that obeys. */
  function deploy(
    argv: readonly string[],
    helmfile: ControlledHelmfile,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    return run(argv, { env: { PATH: helmfile.path, HOME: temporaryFolder(), ...env } });
  }

  /** The same for a restore, which looks at the cluster. */
  async function restore(
    argv: readonly string[],
    helmfile: ControlledHelmfile,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    const { registryFile } = await clusterBehind(helmfile);
    return deploy(["restore", "--registry", registryFile, ...argv], helmfile, env);
  }

  it.each(["apply", "restore"])(
    "%s without a terminal and without --yes is refused, and nothing runs",
    async (verb) => {
      const helmfile = controlledHelmfile();
      expect(await refused([verb, ...some], { env: { PATH: helmfile.path } })).toEqual({
        exitCode: 2,
        stderr: `${verb} asks before it deploys, and there is no terminal to ask on: give --yes (or --dry_run to see what it would do)\n`,
      });
      expect(helmfile.calls()).toEqual([]);
    },
  );

  it.each(["apply", "diff", "restore"])(
    "%s with --dry_run prints the commands and runs nothing",
    async (verb) => {
      const helmfile = controlledHelmfile();
      const argv = [verb, "--dry_run", "--inventory", eqiad, "--exclude", "cirrus-streaming-updater"];
      const { exitCode, stdout, stderr } = await run(argv, { env: { PATH: helmfile.path } });
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
      expect(helmfile.calls()).toEqual([]);
      await expect(stdout).toMatchFileSnapshot(`__snapshots__/dry-run-${verb}.txt`);
    },
  );

  it("restore of two environments is refused before anything is read, and not made of the last one", async () => {
    const argv = ["restore", "-e", "eqiad", "--yes", "-e", "codfw", "--plugin", "/nowhere"];
    const { exitCode, stderr } = await refused(argv);
    expect(exitCode).toBe(2);
    expect(stderr).toBe("-e eqiad and -e codfw contradict each other: give one of them\n");
  });

  it("restore with a service that cannot be read is refused, naming --exclude", async () => {
    const helmfile = controlledHelmfile();
    const { exitCode, stderr } = await refused(["restore", "--yes", "--inventory", eqiad], {
      env: { PATH: helmfile.path },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("--exclude cirrus-streaming-updater");
    expect(helmfile.calls()).toEqual([]);
  });

  it("apply and diff with a service that cannot be read do the rest and end with 1", async () => {
    for (const verb of ["apply", "diff"]) {
      const helmfile = controlledHelmfile();
      helmfile.answer("diff", "echo '+ changed'; exit 2");
      const argv = [verb, "--yes", "--inventory", eqiad, "-s", "thumbor", "-s", "cirrus-*"];
      const { exitCode, stderr } = await deploy(argv, helmfile);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("warning: the service cirrus-streaming-updater could not be read: ");
      expect(stderr).toMatch(/\nexit code 1: cirrus-streaming-updater could not be read\n$/);
      expect(helmfile.calls()).toHaveLength(verb === "apply" ? 2 : 1);
    }
  });

  it.each(["apply", "diff"])("%s --dry_run says in its last line why it ends with 1", async (verb) => {
    const argv = [verb, "--dry_run", "--inventory", eqiad, "-s", "thumbor", "-s", "cirrus-*"];
    const { exitCode, stderr } = await deploy(argv, controlledHelmfile());
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^warning: .*\nexit code 1: cirrus-streaming-updater could not be read\n$/);
  });

  it("apply -o json answers one document: how each step ended", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("diff.thumbor", "echo '+ changed'; exit 2");
    const { exitCode, stdout, stderr } = await deploy(["apply", "--yes", "-o", "json", ...some], helmfile);
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd()).not.toContain("\n");
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      environment: "eqiad",
      mode: "apply",
      durationMs: expect.any(Number),
      steps: [
        {
          id: "thumbor",
          service: "thumbor",
          stage: "apply",
          releases: ["thumbor/main"],
          outcome: { kind: "succeeded", durationMs: expect.any(Number) },
        },
        {
          id: "toolhub",
          service: "toolhub",
          stage: "apply",
          releases: expect.any(Array),
          outcome: { kind: "skipped", reason: "no change" },
        },
      ],
      commands: [],
      excluded: expect.any(Array),
      unreadable: [],
      excludedUnreadable: [
        {
          service: "cirrus-streaming-updater",
          reason: "not selected by --service thumbor,toolhub",
          message: expect.any(String),
          exitCode: 1,
        },
      ],
    });
    expect(stderr).toContain("+ changed");
  });

  it("apply -o json answers a document also where there is nothing to deploy", async () => {
    const argv = ["apply", "-o", "json", "--support-only", ...some];
    const { exitCode, stdout } = await run(argv, { env: { PATH: "" } });
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, steps: [], commands: [] });
  });

  it("diff -o json answers one document: what each step would change", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("diff.thumbor", "echo '+ changed'; exit 2");
    helmfile.answer("diff.toolhub", "echo 'Error: no chart' >&2; exit 1");
    const { exitCode, stdout } = await deploy(["diff", "-o", "json", ...some], helmfile);
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      steps: [
        { id: "thumbor", diff: "changed", output: "+ changed" },
        { id: "toolhub", diff: "failed", message: "exit code 1: Error: no chart" },
      ],
    });
  });

  it("without helmfile nothing is deployed: exit code 3", async () => {
    for (const verb of ["apply", "restore", "diff"]) {
      const { exitCode, stderr } = await refused([verb, "--yes", ...some], { env: { PATH: "/nonexistent" } });
      expect(exitCode).toBe(3);
      expect(stderr).toContain("helmfile");
    }
  });

  it("a helmfile that cannot be started fails its step, and says why", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("sync.thumbor", 'chmod -x "$here/helmfile"');
    // A real helmfile further on PATH would be started in its place.
    const others = helmfile.path.split(delimiter).slice(1);
    const PATH = [helmfile.folder, ...others.filter((folder) => !existsSync(join(folder, "helmfile")))].join(
      delimiter,
    );
    const { exitCode, stderr } = await restore(["--yes", "--jobs", "1", ...some], helmfile, { PATH });
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "failed: toolhub: could not be started: helmfile (from PATH) may not be executed: permission denied",
    );
  });

  it("what the operator's log prints and fails is a warning, nothing more", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("diff", "exit 2");
    const { exitCode, stderr } = await deploy(["apply", "--yes", ...some], helmfile);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/warning: the log command helmfile_log_sal did not work .*: START$/m);
    expect(stderr).toMatch(
      /warning: the log command helmfile_log_sal did not work .*: DONE: 2 steps succeeded$/m,
    );
  });

  it("logs go below HOME, and below the state folder where there is one", async () => {
    for (const [env, expected] of [
      [{}, ".local/state/charlie-mediawiki/logs"],
      [{ XDG_STATE_HOME: "/relative/is/not" }, undefined],
    ] as const) {
      const folder = temporaryFolder();
      const state = expected === undefined ? { XDG_STATE_HOME: join(folder, "state") } : env;
      const helmfile = controlledHelmfile();
      const { exitCode } = await restore(["--yes", ...some], helmfile, { HOME: folder, ...state });
      expect(exitCode).toBe(0);
      const logs = join(folder, expected ?? "state/charlie-mediawiki/logs");
      const [run = ""] = readdirSync(logs);
      expect(run).toMatch(/^eqiad-\d{8}T\d{6}Z-\d+$/);
      expect(readdirSync(join(logs, run)).sort()).toEqual(["thumbor.log", "toolhub.log"]);
    }
  });

  it("without a home, logs go to the folder for temporary files", async () => {
    const helmfile = controlledHelmfile();
    const tmp = temporaryFolder();
    // Without HOME the user's home is asked for, and whoever runs the tests has one.
    vi.spyOn(os, "userInfo").mockImplementation(() => {
      throw new Error("no such user");
    });
    syncBuiltinESMExports();
    vi.stubEnv("TMPDIR", tmp);
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
      vi.unstubAllEnvs();
    });
    const { exitCode } = await restore(["--yes", ...some], helmfile, { HOME: "", XDG_STATE_HOME: "" });
    expect(exitCode).toBe(0);
    const made = readdirSync(tmp).filter((name) => name.startsWith("charlie-mediawiki-"));
    expect(made.sort()).toEqual([
      `charlie-mediawiki-${process.getuid?.()}`,
      expect.stringMatching(/^charlie-mediawiki-eqiad-\d{8}T\d{6}Z-\d+$/),
    ]);
  });

  it("a log folder that cannot be made is refused before anything is deployed", async () => {
    const helmfile = controlledHelmfile();
    const file = join(temporaryFolder({ file: "" }), "file");
    const argv = ["--yes", "--log_dir", join(file, "logs"), ...some];
    const { exitCode, stderr } = await restore(argv, helmfile);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("the folder for the logs cannot be made: ");
    expect(stderr).toContain("name another by --log_dir");
    expect(helmfile.calls()).toEqual([]);
  });

  it("a log that cannot be written is a warning: the rollout goes on", async () => {
    const helmfile = controlledHelmfile();
    const folder = temporaryFolder({ "thumbor.log/is-a-folder": "" });
    const { exitCode, stderr } = await restore(["--yes", "--log_dir", folder, ...some], helmfile);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("warning: a log could not be written: ");
    expect(readFileSync(join(folder, "toolhub.log"), "utf8")).toMatch(
      /^\$ helmfile --file .*\n# succeeded\n$/,
    );
  });
});

describe("the process", () => {
  const shell = (line: string, env: Readonly<Record<string, string>> = {}) => {
    const { PATH = "", HOME = "" } = process.env;
    const script = `${line}\nexit $?`;
    try {
      const run = `node "${command.program}"`;
      const stdout = execFileSync("bash", ["-o", "pipefail", "-c", script.replaceAll("CHARLIE", run)], {
        cwd: repository,
        env: { PATH, HOME, ...env },
        encoding: "utf8",
        timeout: 20_000,
        stdio: ["ignore", "pipe", "pipe"],
      });
      return { exitCode: 0, stdout };
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
      return { exitCode: status, stdout, stderr };
    }
  };

  it("answers as the command in process does", async () => {
    const argv = ["list", "--inventory", eqiad, "--registry", registry];
    const spawned = await spawnCommand(command.program, argv, { cwd: repository }).ended;
    expect(spawned).toEqual(await run(["list", "--inventory", eqiad]));
  });

  it("takes a reader that has seen enough for no fault", () => {
    expect(shell(`CHARLIE list --inventory ${eqiad} 2>&1 | head -n 1`)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^[^\n]+\n$/),
    });
    expect(shell(`CHARLIE --help | true`).exitCode).toBe(0);
  });

  it("says when its answer could not be written", () => {
    expect(shell(`CHARLIE list --inventory ${eqiad} > /dev/full`)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/the answer could not be written: no space left\n$/),
    });
  });

  it("bears closed standard streams", () => {
    expect(shell(`CHARLIE list --inventory ${eqiad} >&-`).exitCode).toBe(0);
    expect(shell(`CHARLIE list --inventory ${eqiad} 2>&- | wc -l`)).toMatchObject({ exitCode: 0 });
    expect(shell(`CHARLIE apply --inventory ${eqiad} <&- 2>&1`)).toMatchObject({ exitCode: 2 });
  });

  it("runs with an empty environment", () => {
    const run = `env -i "${process.execPath}" "${command.program}"`;
    expect(shell(`${run} list --inventory ${eqiad} -s thumbor | wc -l`)).toMatchObject({ stdout: "2\n" });
  });

  it("runs from any folder", () => {
    const folder = temporaryFolder();
    cpSync(eqiad, join(folder, "e.json"));
    expect(shell(`cd ${folder} && CHARLIE list --inventory e.json -s thumbor | wc -l`)).toMatchObject({
      stdout: "2\n",
    });
  });

  it("is built by npm ci: the package's own command answers", () => {
    const bin = "dist/bundle/charlie-mediawiki.js";
    if (!existsSync(bin)) return;
    expect(execFileSync("node", [bin, "--version"], { encoding: "utf8" })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("where few files may be open", () => {
  it("that is told, and not taken for a bug", () => {
    const runs = ["runs", "--state_dir", temporaryFolder()];
    // With how many our own files can just not be loaded depends on what else Node opens.
    const told = [20, 21, 22, 23, 24, 25, 26].map((most) => {
      const script = `ulimit -n ${most}; exec "$@"`;
      const argv = ["-c", script, "sh", process.execPath, command.program, ...runs];
      return spawnSync("sh", argv, { encoding: "utf8" }).stderr;
    });
    expect(told.join()).toMatch(/^this host stands in the way: too many open files \(\/.*\.js\)$/m);
    expect(told.join()).not.toContain("a bug");
  });
});
