import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type PreflightReport, preflightReportSchema } from "../../src/core/preflight/preflight-report.ts";
import { fakeHelmfile, isRunning, servicesOf } from "../support/fake-helmfile.ts";
import { type FakeKubernetes, kubeconfigFor } from "../support/fake-kubernetes.ts";
import type { Manner } from "../support/fake-manner.ts";
import { namespace, pod } from "../support/kubernetes-objects.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import {
  type ClusterBehindOptions,
  clusterBehind,
  deployedBy,
  registryWith,
} from "./support/cluster-behind.ts";
import { controlledHelmfile } from "./support/controlled-helmfile.ts";
import { type Ended, runInProcess } from "./support/in-process.ts";
import { mediawikiInventory } from "./support/small-inventory.ts";
import { spawnCommand } from "./support/spawned.ts";

vi.setConfig({ testTimeout: 30_000 });

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

interface Asking {
  readonly kubernetes: FakeKubernetes;
  readonly registryFile: string;
  /** Asks in this process. */
  readonly ask: (argv: readonly string[], options?: Parameters<typeof runInProcess>[1]) => Promise<Ended>;
}

/** A cluster with everything that MediaWiki needs in mw-web and nothing of it in shop, and a way to ask about it. */
async function asking(options: ClusterBehindOptions = {}): Promise<Asking> {
  const objects = [
    ...deployedBy("mw-web/prometheus"),
    ...deployedBy("mw-web/main"),
    namespace("shop"),
    pod("shop/other-1"),
  ];
  const cluster = await clusterBehind(controlledHelmfile(), { objects, ...options });
  const ask: Asking["ask"] = (argv, more) => {
    const own = argv.includes("--registry") ? [] : ["--registry", cluster.registryFile];
    return runInProcess(["preflight", "--plugin", command.folder, ...own, ...argv], {
      env: { PATH: "/nonexistent" },
      ...more,
    });
  };
  return { ...cluster, ask };
}

/** The report that was answered, which is all that was answered. */
function reportOf({ stdout }: Ended): PreflightReport {
  expect(stdout.trimEnd()).not.toContain("\n");
  return preflightReportSchema.parse(JSON.parse(stdout));
}

/** What was found, by release. */
function foundIn(report: PreflightReport): Record<string, readonly string[]> {
  return Object.fromEntries(
    report.targets.map(({ namespace: where, release, findings }) => [
      `${where}/${release}`,
      findings.map(({ code }) => code),
    ]),
  );
}

const north = ["-e", "north"];
const json = ["-o", "json"];
const mend = "charlie-mediawiki apply --support-only -e north -s shop";

describe("a preflight", () => {
  it("that is ready answers so, exit code 0, and only ever reads", async () => {
    const { ask, kubernetes } = await asking();
    const ended = await ask([...north, "--release", "mw-web/main", ...json]);
    expect(ended.exitCode).toBe(0);
    expect(reportOf(ended)).toEqual({
      version: 1,
      environment: "north",
      ready: true,
      targets: [{ namespace: "mw-web", release: "main", exists: true, ready: true, findings: [] }],
      couldNotCheck: [],
    });
    expect(ended.stderr).toBe("ready: 1 release of MediaWiki in north\n");
    // Calls that are no GET would have their method before the path.
    expect(kubernetes.calls().filter((call) => !call.startsWith("/api"))).toEqual([]);
    expect(kubernetes.calls()).toHaveLength(3);
  });

  it("that is not ready answers with everything that is missing, and tells people: exit code 1", async () => {
    const { ask } = await asking();
    const ended = await ask([...north, "--release", "shop/main", "--release", "mw-web/main", ...json]);
    expect(ended.exitCode).toBe(1);
    const report = reportOf(ended);
    expect(report.ready).toBe(false);
    expect(foundIn(report)).toEqual({
      "mw-web/main": [],
      "shop/main": ["support-missing", "service-missing"],
    });
    expect(report.targets[1]).toMatchObject({
      exists: false,
      ready: false,
      findings: [{ remedy: mend }, { remedy: mend }],
    });
    expect(ended.stderr).toContain(
      "not ready: 1 of 2 releases of MediaWiki in north\n\nshop:\n  error: release shop/prometheus: ",
    );
    expect(ended.stderr).toContain(`    to do: ${mend}\n`);
  });

  it("is not ready of what the registry requires and no helmfile has, and the rollout before it says so as well", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("diff", "exit 2");
    const namespaces = "{ mw-web: { support: [promethues] }, shop: { support: [prometheus] } }";
    const { registryFile } = await clusterBehind(helmfile, { registry: { namespaces } });
    const asked = [
      "--plugin",
      command.folder,
      "--registry",
      registryFile,
      "--inventory",
      mediawikiInventory(),
    ];
    const env = { PATH: helmfile.path, HOME: temporaryFolder() };
    const applied = await runInProcess(["apply", "--support-only", "--yes", ...asked], { env });
    expect(applied.exitCode).toBe(0);
    expect(applied.stderr).toContain(
      [
        "",
        "What MediaWiki needs is in place in 1 namespace: scap can deploy it.",
        "MediaWiki must wait in mw-web: it needs mw-web/promethues, which no helmfile installs in north.",
        "  did you mean prometheus? Else add the release, or name the environments where it is needed: { release: promethues, environments: […] }",
        "",
      ].join("\n"),
    );
    const ended = await runInProcess(["preflight", ...north, ...asked, ...json], { env });
    expect(ended.exitCode).toBe(1);
    expect(foundIn(reportOf(ended))["mw-web/main"]).toEqual(["support-not-listed"]);
  });

  it("with -o text answers in words, and tells nothing else", async () => {
    const { ask } = await asking();
    const flags = [...north, "--release", "shop/main"];
    const text = await ask([...flags, "-o", "text"]);
    expect({ exitCode: text.exitCode, stderr: text.stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(text.stdout).toBe((await ask([...flags, ...json])).stderr);
  });

  it("answers in JSON where nothing is said and nobody reads it on a terminal", async () => {
    const { registryFile } = await asking();
    const argv = ["preflight", "--registry", registryFile, ...north, "--release", "mw-web/main"];
    const ended = await spawnCommand(command.program, argv, { cwd: repository }).ended;
    expect(ended.exitCode).toBe(0);
    expect(reportOf(ended).ready).toBe(true);
    expect(ended.stderr).toBe("ready: 1 release of MediaWiki in north\n");
  });

  it("of the whole environment is about what the registry knows there", async () => {
    const { ask } = await asking();
    const ended = await ask([...north, ...json]);
    expect(ended.exitCode).toBe(1);
    const found = foundIn(reportOf(ended));
    expect(found).toMatchObject({
      "mw-web/canary": [],
      "mw-web/main": [],
      "mw-web/migration": [],
      "shop/main": ["support-missing", "service-missing"],
      "mw-cron/main": [expect.any(String)],
    });
  });

  it("with --inventory is about what helmfile lists, and names what it does not", async () => {
    const { ask } = await asking();
    const flags = [...north, "--inventory", mediawikiInventory(), ...json];
    expect(Object.keys(foundIn(reportOf(await ask(flags))))).toEqual(["mw-web/main", "shop/main"]);
    const named = reportOf(await ask([...flags, "--release", "mw-web/canary"]));
    expect(foundIn(named)).toEqual({ "mw-web/canary": ["release-not-listed"] });
  });

  it("with --services_dir asks helmfile, and without it does not need one", async () => {
    const { ask } = await asking();
    const folder = temporaryFolder({
      "mw-web/helmfile.yaml": "environments:\n  north: {}\n---\nreleases: []\n",
    });
    const flags = [...north, "--release", "mw-web/main"];
    expect((await ask(flags)).exitCode).toBe(0);
    const { exitCode, stderr } = await ask([...flags, "--services_dir", folder]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("helmfile is not installed or not on PATH");
  });

  it("of what needs nothing is ready, with the reason: exit code 0", async () => {
    const { ask } = await asking({ objects: [namespace("mw-debug")] });
    const ended = await ask(["-e", "staging", "--release", "mw-debug/main", ...json]);
    expect(ended.exitCode).toBe(0);
    expect(foundIn(reportOf(ended))).toEqual({ "mw-debug/main": ["nothing-required"] });
    expect(ended.stderr).toMatch(
      /^ready: 1 release of MediaWiki in staging\n\nnote: namespace mw-debug: .*the registry requires prometheus in eqiad, codfw, not in staging \(/,
    );
  });

  it("of what nothing calls MediaWiki says so, and does not call it MediaWiki", async () => {
    const { ask, registryFile } = await asking({ objects: [namespace("thumbor")] });
    const ended = await ask([...north, "--release", "thumbor/production", "-o", "text"]);
    expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(ended.stdout).toContain(
      [
        "ready: 1 release in north",
        "",
        "thumbor:",
        `  warning: release thumbor/production: nothing in ${registryFile} says that it is MediaWiki`,
        "    to do: check the name; --inventory FILE or --services_dir DIR tells what it is",
        "",
      ].join("\n"),
    );
  });

  it("in a namespace that is not there is not ready", async () => {
    const { ask } = await asking({ objects: [] });
    const ended = await ask([...north, "--release", "mw-web/main", ...json]);
    expect(ended.exitCode).toBe(1);
    expect(foundIn(reportOf(ended))).toEqual({ "mw-web/main": ["namespace-missing"] });
  });
});

describe("an environment that is one typo away from one that the registry names", () => {
  it("is refused where nothing tells which environments there are, and no cluster is asked", async () => {
    const { ask, kubernetes } = await asking();
    const { exitCode, stdout, stderr } = await ask(["-e", "eqaid", "--release", "mw-debug/main", ...json]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain('error: unknown environment "eqaid": did you mean eqiad?\n');
    expect(stderr).toContain("--inventory FILE or --services_dir DIR");
    expect(kubernetes.calls()).toEqual([]);
  });

  it("is one where the tree is of it", async () => {
    const { ask } = await asking({ objects: [namespace("mw-web"), pod("mw-web/main-1")] });
    const inventory = mediawikiInventory("eqaid");
    const ended = await ask(["-e", "eqaid", "--inventory", inventory, "--release", "mw-web/main", ...json]);
    expect(reportOf(ended)).toMatchObject({ environment: "eqaid" });
  });
});

describe("a kubeconfig that the operator names", () => {
  it.each([
    ["is not there", "none", "there is no FOLDER/none"],
    ["is a folder", ".", "FOLDER is a directory"],
    [
      "is no kubeconfig",
      "text",
      "FOLDER/text cannot be used: it is no kubeconfig: expected a map with clusters, users and contexts",
    ],
    ["is no YAML", "broken", "FOLDER/broken cannot be used: it is no YAML at line 2, column 1"],
    ["is longer than any", "long", "FOLDER/long cannot be used: it is longer than 1 MiB"],
  ])("and that %s is refused with exit code 2", async (_, name, expected) => {
    const { ask, kubernetes } = await asking();
    const long = "# a comment\n".repeat(100_000);
    const folder = temporaryFolder({ text: "a plain text\n", broken: "{ a: b\n", long });
    const { exitCode, stdout, stderr } = await ask([...north, "--kubeconfig", join(folder, name), ...json]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toBe(`--kubeconfig: ${expected.replace("FOLDER", folder)}\n`);
    expect(kubernetes.calls()).toEqual([]);
  });

  it("may be a pipe, which can be read only once", async () => {
    const { kubernetes, registryFile } = await asking();
    const words = `node "$1" preflight --registry "$2" -e north --release mw-web/main --kubeconfig <(cat "$3")`;
    const given = ["-c", words, "bash", command.program, registryFile, kubernetes.kubeconfigFile];
    const ended = await execa("bash", given, { cwd: repository, reject: false, stripFinalNewline: false });
    expect({ exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({
      exitCode: 0,
      stderr: "ready: 1 release of MediaWiki in north\n",
    });
  });
});

describe("the list of the deploying tool", () => {
  const list = {
    deployment_targets: [
      {
        namespace: "mw-web",
        releases: {
          main: { stage: "production" },
          canary: { stage: "canaries" },
          migration: { deploy: false },
        },
      },
      { namespace: "shop", releases: { main: {} }, clusters: ["south"] },
    ],
  };
  const file = (content: string) =>
    join(temporaryFolder({ "deployments.yaml": content }), "deployments.yaml");

  it("says what is asked about: not what it does not deploy, nor what it deploys elsewhere", async () => {
    const { ask } = await asking();
    for (const content of [list, list.deployment_targets]) {
      const ended = await ask([...north, "--deployments", file(JSON.stringify(content)), ...json]);
      expect(ended.exitCode).toBe(0);
      expect(Object.keys(foundIn(reportOf(ended)))).toEqual(["mw-web/canary", "mw-web/main"]);
    }
  });

  it("is added to the releases that are named", async () => {
    const { ask } = await asking();
    const flags = ["--deployments", file(JSON.stringify(list)), "--release", "shop/main"];
    const ended = await ask([...north, ...flags, ...json]);
    expect(Object.keys(foundIn(reportOf(ended)))).toEqual(["mw-web/canary", "mw-web/main", "shop/main"]);
  });

  it.each([
    [
      "is not there",
      "/nonexistent/deployments.yaml",
      "/nonexistent/deployments.yaml cannot be read: no such file or directory",
    ],
    ["is a folder", repository, "cannot be read: it is a directory"],
  ])("that %s is refused with exit code 2", async (_, path, expected) => {
    const { ask, kubernetes } = await asking();
    const { exitCode, stdout, stderr } = await ask([...north, "--deployments", path]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(expected);
    expect(kubernetes.calls()).toEqual([]);
  });

  it("that is not what it should be is refused, with the place", async () => {
    const { ask, kubernetes } = await asking();
    const path = file("- namespace: mw-web\n  relases: {}\n");
    const { exitCode, stdout, stderr } = await ask([...north, "--deployments", path]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(`${path}:1:3: error: this item has no key "releases"`);
    expect(kubernetes.calls()).toEqual([]);
  });
});

describe("a request on standard input", () => {
  const pipe = async (input: string, ...flags: readonly string[]) => {
    const { registryFile, kubernetes } = await asking();
    const argv = ["preflight", "--registry", registryFile, "--stdin", ...flags];
    return { kubernetes, ...(await spawnCommand(command.program, argv, { cwd: repository, input }).ended) };
  };

  it("names the environment and the releases, in either form", async () => {
    const releases = ["mw-web/main", { namespace: "mw-web", release: "canary" }];
    const ended = await pipe(JSON.stringify({ version: 1, environment: "north", releases }));
    expect(ended.exitCode).toBe(0);
    expect(Object.keys(foundIn(reportOf(ended)))).toEqual(["mw-web/canary", "mw-web/main"]);
  });

  it("may leave the environment to -e, and be added to", async () => {
    const ended = await pipe('{ "releases": ["mw-web/main"] }', ...north, "--release", "shop/main");
    expect(ended.exitCode).toBe(1);
    expect(Object.keys(foundIn(reportOf(ended)))).toEqual(["mw-web/main", "shop/main"]);
  });

  it("with no releases is about none, and not about the whole environment", async () => {
    const ended = await pipe('{ "releases": [] }', ...north);
    expect(ended.exitCode).toBe(0);
    expect(reportOf(ended)).toMatchObject({ ready: true, targets: [] });
  });

  it.each([
    ["is empty", "", north, "standard input is empty"],
    ["is no JSON", "mw-web/main\n", north, "standard input:1:1: error: this is not JSON"],
    ["is cut off", '{ "releases": ["mw-web/ma', north, "the request ends in the middle"],
    ["has an unknown key", '{ "release": ["mw-web/main"] }', north, "expected: perhaps releases"],
    [
      "has a key twice",
      '{ "releases": ["mw-web/main"], "releases": [] }',
      north,
      "standard input:1:32: error: releases stands there twice, and only one would count",
    ],
    ["has a name that would be a flag", '{ "releases": ["--yes/main"] }', north, "the name of a namespace"],
    [
      "contradicts -e",
      '{ "environment": "south", "releases": [] }',
      north,
      "-e says north, and the request on standard input south",
    ],
    [
      "names no environment, as -e does not",
      '{ "releases": [] }',
      [],
      "preflight is about one environment: name it by -e",
    ],
  ])("that %s is refused with exit code 2", async (_, input, flags, expected) => {
    const { kubernetes, exitCode, stdout, stderr } = await pipe(input, ...flags);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain("a bug in");
    expect(kubernetes.calls()).toEqual([]);
  });
});

describe("a command line", () => {
  it.each([
    [[], "preflight is about one environment: name it by -e"],
    [["-e", "nor*"], '"nor*" is not the name of an environment'],
    [["-e", "../north"], '"../north" is not the name of an environment'],
    [
      [...north, "--release", "mw-web"],
      "argument 'mw-web' is invalid. expected NAMESPACE/RELEASE, for example shop/main.",
    ],
    [[...north, "--release", "mw-web/"], "argument 'mw-web/' is invalid. expected NAMESPACE/RELEASE"],
    [[...north, "--release", "mw-web/main/canary"], "expected NAMESPACE/RELEASE"],
    [[...north, "--release", "Mw_Web/main"], "expected NAMESPACE/RELEASE"],
    [[...north, "--release=--yes"], "expected NAMESPACE/RELEASE"],
    [[...north, "--timeout", "0"], "expected seconds, more than 0 and at most 600."],
    [[...north, "--timeout", "soon"], "expected seconds, more than 0 and at most 600."],
    [[...north, "--jobs", "3"], "preflight has no flag --jobs: it is one of diff, list, plan, apply,"],
    [[...north, "-s", "shop"], "preflight has no flag -s: it is one of diff,"],
    [[...north, "--support-only"], "preflight has no flag --support-only: it is one of diff,"],
    [[...north, "--relase", "mw-web/main"], 'unknown flag "--relase": did you mean --release?'],
    [
      [...north, "mw-web/main"],
      '"mw-web/main" is one word too many: behind the verb preflight stand only flags',
    ],
    [["-e", "south", "--inventory", "INVENTORY"], 'unknown environment "south": the inventory '],
    [
      [...north, "--inventory", "/nonexistent.json"],
      "/nonexistent.json cannot be read: no such file or directory",
    ],
  ])("%j is refused with exit code 2", async (argv, expected) => {
    const { ask, kubernetes } = await asking();
    const inventory = mediawikiInventory();
    const { exitCode, stdout, stderr } = await ask(
      argv.map((word) => (word === "INVENTORY" ? inventory : word)),
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(expected);
    expect(kubernetes.calls()).toEqual([]);
  });

  it("of another verb is told whose flags they are", async () => {
    const other = await runInProcess(["apply", "--release", "mw-web/main", "--plugin", command.folder]);
    expect(other).toMatchObject({
      exitCode: 2,
      stderr: "apply has no flag --release: it is one of preflight\n",
    });
  });

  it("with --no-plugin has no such verb", async () => {
    const { exitCode, stderr } = await runInProcess(["preflight", "--no-plugin", ...north]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(
      'unknown verb "preflight": the verbs are diff, list, plan, apply, inventory, demo, explain, runbook, derive, runs',
    );
  });
});

describe("what could not be found out", () => {
  const target = [...north, "--release", "mw-web/main", ...json];

  it.each<[string, Manner, string]>([
    ["forbidden", { kind: "status", status: 403, message: "no" }, "forbidden"],
    ["without a login", { kind: "status", status: 401, message: "no" }, "unauthorized"],
    ["answered by a fault", { kind: "status", status: 500, message: "no" }, "server-error"],
    ["throttled", { kind: "status", status: 429, message: "no", retryAfter: 5 }, "throttled"],
    ["answered by something else", { kind: "text", text: "<html>" }, "malformed"],
    ["cut off", { kind: "break" }, "unreachable"],
  ])("as it is %s: exit code 3, and never taken for missing", async (_, manner, code) => {
    const { ask, kubernetes } = await asking();
    kubernetes.answer("/api/v1/namespaces/mw-web/services", manner);
    const ended = await ask([...target, "--timeout", "4"]);
    expect(ended.exitCode).toBe(3);
    expect(reportOf(ended)).toMatchObject({
      ready: false,
      targets: [{ exists: true, ready: false, findings: [] }],
      couldNotCheck: [{ namespace: "mw-web", subject: "Services", code }],
    });
    expect(ended.stderr).toContain(
      "not known whether ready: 1 of 1 release of MediaWiki in north\n\ncould not be checked:\n  Services of mw-web: ",
    );
  });

  it("beside an error that was found: exit code 1, and both are told", async () => {
    const { ask, kubernetes } = await asking();
    kubernetes.answer("/api/v1/namespaces/shop/pods", { kind: "status", status: 403, message: "no" });
    const ended = await ask([...north, "--release", "shop/main", ...json]);
    expect(ended.exitCode).toBe(1);
    expect(reportOf(ended)).toMatchObject({ couldNotCheck: [{ subject: "pods", code: "forbidden" }] });
  });

  it("as the server is away: exit code 3", async () => {
    const kubeconfig = join(temporaryFolder({ config: kubeconfigFor("http://127.0.0.1:1") }), "config");
    const { ask, kubernetes } = await asking();
    const ended = await ask([...target, "--kubeconfig", kubeconfig]);
    expect(ended.exitCode).toBe(3);
    const unreachable = { code: "unreachable" };
    expect(reportOf(ended).couldNotCheck).toMatchObject([unreachable, unreachable, unreachable]);
    expect(kubernetes.calls()).toEqual([]);
  });

  it("as there is no kubeconfig: exit code 3", async () => {
    const registryFile = registryWith({ kubeconfig: '"/nonexistent/{namespace}-{environment}.config"' });
    const { ask } = await asking();
    const ended = await ask([...target, "--registry", registryFile]);
    expect(ended.exitCode).toBe(3);
    expect(reportOf(ended).couldNotCheck).toMatchObject([{ code: "no-kubeconfig" }, {}, {}]);
    expect(ended.stderr).toContain(
      "there is no /nonexistent/mw-web-north.config; name one with --kubeconfig FILE",
    );
  });

  it("as nothing answers: --timeout ends it with exit code 3", async () => {
    const { ask, kubernetes } = await asking();
    kubernetes.answer("/", { kind: "never" });
    const ended = await ask([...target, "--timeout", "0.5"]);
    expect(ended.exitCode).toBe(3);
    expect(reportOf(ended).couldNotCheck).toMatchObject([
      { code: "slow" },
      { code: "slow" },
      { code: "slow" },
    ]);
  });

  it("as helmfile does not end: --timeout ends that too", async () => {
    const { ask } = await asking();
    const { program, hanging } = fakeHelmfile();
    const flags = ["-e", "eqiad", "--services_dir", servicesOf({ alpha: "hanging" }), "--timeout", "2"];
    const ended = ask(flags, { env: { ...process.env, PATH: `${dirname(program)}:${process.env.PATH}` } });
    expect(await ended).toEqual({
      exitCode: 3,
      stdout: "",
      stderr: "what helmfile lists could not be read within 2 s\n",
    });
    await expect.poll(() => hanging().filter(isRunning), { interval: 5, timeout: 20_000 }).toEqual([]);
  });

  it("as it was interrupted: exit code 130, and no answer", async () => {
    const { ask, kubernetes } = await asking();
    kubernetes.answer("/", { kind: "never" });
    const interruption = new AbortController();
    const ended = ask(target, { env: {}, signal: interruption.signal });
    await expect.poll(() => kubernetes.calls().length, { interval: 5, timeout: 20_000 }).toBeGreaterThan(0);
    interruption.abort();
    expect(await ended).toMatchObject({ exitCode: 130, stdout: "" });
  });
});
