import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { answerSchemas, type HookName, type HookRequests } from "../../src/core/hooks/hooks.ts";
import { manifestSchema } from "../../src/core/hooks/plugin-manifest.ts";
import { assemblePlan } from "../../src/core/plan/assemble-plan.ts";
import type { Plan } from "../../src/core/plan/plan.ts";
import { createHooks } from "../../src/plugin.ts";
import { eqiad, eqiadRequests, wikimedia, writtenEqiad } from "../support/eqiad-requests.ts";
import { namespace, pod } from "../support/kubernetes-objects.ts";
import { plan, step } from "../support/plan.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { clusterBehind, deployedBy } from "./support/cluster-behind.ts";
import { controlledHelmfile } from "./support/controlled-helmfile.ts";
import { type Ended, runInProcess } from "./support/in-process.ts";
import { spawnCommand } from "./support/spawned.ts";

vi.setConfig({ testTimeout: 60_000 });

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** Asks in this process, by the registry of this package unless the flags name another. */
async function ask(hook: string, request: unknown, ...flags: readonly string[]): Promise<Ended> {
  const stdin = vi.spyOn(process, "stdin", "get");
  try {
    const piped = Object.assign(Readable.from([Buffer.from(textOf(request))]), { fd: 0 as const });
    stdin.mockReturnValue(piped as Readable & typeof process.stdin);
    return await runInProcess(["hook", hook, ...pluginFlags(flags), ...flags], {
      env: { PATH: "/nonexistent" },
    });
  } finally {
    stdin.mockRestore();
  }
}

/** Asks the built command, as another program does. */
function askBuilt(hook: string, request: unknown, ...flags: readonly string[]): Promise<Ended> {
  const options = { input: textOf(request), cwd: repository };
  return spawnCommand(command.program, ["hook", hook, "--registry", "registry.yaml", ...flags], options)
    .ended;
}

function pluginFlags(flags: readonly string[]): string[] {
  if (flags.includes("--plugin")) return [];
  return [
    "--plugin",
    command.folder,
    ...(flags.includes("--registry") ? [] : ["--registry", "registry.yaml"]),
  ];
}

function textOf(request: unknown): string {
  return typeof request === "string" ? request : JSON.stringify(request);
}

/** The answer, which is one line and all that was written. */
function answerOf({ exitCode, stdout, stderr }: Ended): unknown {
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(stdout);
}

const onPaper = ["releases:classify", "rollout:plan", "rollout:finish"] as const;

describe("the answers", () => {
  it.each(onPaper)("to %s are those that the plugin gives in process", async (hook) => {
    const request = eqiadRequests[hook];
    expect(answerOf(await ask(hook, request))).toEqual(await inProcess(hook, request));
  });

  it("of the built command to rollout:plan hold the plan that the library assembles, from a tree of either form", async () => {
    const request = eqiadRequests["rollout:plan"];
    const assembled = assemblePlan(eqiad, wikimedia, { ...request, withMediawiki: true });
    expect(assembled.plan?.steps.length).toBeGreaterThan(90);
    for (const tree of [eqiad, writtenEqiad])
      expect(answerOf(await askBuilt("rollout:plan", { ...request, tree }))).toEqual({
        ...{ version: 1, diagnostics: [] },
        plan: asJson(assembled.plan),
      });
  });

  it("to tree:check are those of the plugin, which looks at no cluster unless the request says so", async () => {
    const { cluster: _, ...request } = eqiadRequests["tree:check"];
    const answer = answerOf(await ask("tree:check", request));
    expect(answer).toEqual(await inProcess("tree:check", request));
    expect(answer).toMatchObject({ findings: expect.arrayContaining([expect.anything()]) });
  });

  it("that give reasons instead are answers too, and the reasons are told", async () => {
    const request = eqiadRequests["rollout:plan"];
    const selection = { ...request.selection, resumeAt: "apertum" };
    const ended = await ask("rollout:plan", { ...request, selection });
    expect(ended.exitCode).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({ version: 1, diagnostics: [{ severity: "error" }] });
    expect(JSON.parse(ended.stdout)).not.toHaveProperty("plan");
    expect(ended.stderr).toMatch(/^error: .*apertum/);
  });
});

describe("hooks that look at a cluster", () => {
  /** A cluster with everything that MediaWiki needs in mw-web and nothing of it in shop. */
  async function looking() {
    const objects = [...deployedBy("mw-web/prometheus"), namespace("shop"), pod("shop/other-1")];
    const { kubernetes, registryFile } = await clusterBehind(controlledHelmfile(), { objects });
    return { kubernetes, flags: ["--registry", registryFile] };
  }

  const preflight = (release: string): HookRequests["rollout:preflight"] => ({
    ...{ version: 1, environment: "north" },
    targets: [{ namespace: release.split("/")[0] ?? "", release: release.split("/")[1] ?? "" }],
  });

  it("answer what is there, and that it is not ready is an answer", async () => {
    const { kubernetes, flags } = await looking();
    const ready = answerOf(await ask("rollout:preflight", preflight("mw-web/main"), ...flags));
    expect(answerSchemas["rollout:preflight"].parse(ready)).toMatchObject({ report: { ready: true } });
    const not = answerOf(await ask("rollout:preflight", preflight("shop/main"), ...flags));
    expect(not).toMatchObject({
      report: { ready: false, targets: [{ findings: [{ code: "support-missing" }, {}] }] },
    });
    // Calls that are no GET would have their method before the path.
    expect(kubernetes.calls().filter((call) => !call.startsWith("/api"))).toEqual([]);
  });

  it("do not call an environment ready that is probably misspelled: they say so, and give no report", async () => {
    const { kubernetes, flags } = await looking();
    const question = { ...preflight("mw-debug/main"), environment: "eqaid" };
    const ended = await ask("rollout:preflight", question, ...flags);
    expect(ended.exitCode).toBe(0);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      diagnostics: [{ severity: "error", code: "unknown-environment" }],
    });
    expect(JSON.parse(ended.stdout)).not.toHaveProperty("report");
    expect(kubernetes.calls()).toEqual([]);
  });

  it("judge gates and the hand-off by it, with the kubeconfig of the plan or of --kubeconfig", async () => {
    const { kubernetes, flags } = await looking();
    const north = planOfNorth(kubernetes.kubeconfigFile);
    const outcomes = { "mw-web/prometheus": "succeeded", "shop/prometheus": "succeeded" };
    const after = { version: 1, plan: north, stage: "support", gate: "support", outcomes, waitedSeconds: 0 };
    const shut = answerOf(await ask("stage:after", after, ...flags));
    expect(shut).toMatchObject({ open: false, reason: expect.stringContaining("shop"), againInSeconds: 2 });
    const before = { version: 1, plan: north, stage: "mediawiki", outcomes };
    expect(answerOf(await ask("stage:before", before, ...flags))).toMatchObject({ proceed: false });
    kubernetes.put(...deployedBy("shop/prometheus"));
    expect(answerOf(await ask("stage:before", before, ...flags))).toEqual({ version: 1, proceed: true });
    const elsewhere = { ...after, plan: planOfNorth("/nonexistent/{namespace}.config") };
    const given = [...flags, "--kubeconfig", kubernetes.kubeconfigFile];
    expect(answerOf(await ask("stage:after", elsewhere, ...given))).toMatchObject({ open: true });
    expect(answerOf(await ask("stage:after", elsewhere, ...flags))).toMatchObject({
      open: false,
      reason: expect.stringContaining("no kubeconfig"),
    });
  });

  it("answer before the time is up that nothing could be seen: exit code 0, and never `ready`", async () => {
    const { kubernetes, flags } = await looking();
    kubernetes.answer("/", { kind: "never" });
    const answer = answerOf(
      await ask("rollout:preflight", preflight("mw-web/main"), ...flags, "--timeout", "5"),
    );
    expect(answer).toMatchObject({
      report: { ready: false, couldNotCheck: [{ code: "slow" }, { code: "slow" }, { code: "slow" }] },
    });
  });
});

describe("a request that is refused, with exit code 2 and nothing on stdout:", () => {
  const sound = JSON.stringify(eqiadRequests["stage:before"]);

  it.each([
    [
      "a hook that there is not",
      "rollout:pln",
      sound,
      'unknown hook "rollout:pln": did you mean rollout:plan?',
    ],
    ["a hook like none", "x", sound, 'unknown hook "x": the hooks are releases:classify, rollout:plan,'],
    ["nothing", "stage:before", "", "standard input is empty"],
    ["no JSON", "stage:before", "stage", "standard input:1:1: error: this is not JSON"],
    ["half of it", "stage:before", sound.slice(0, -9), "the request ends in the middle: it is cut off"],
    ["two of them", "stage:before", `${sound}\n${sound}`, "something stands behind the request"],
    [
      "another version",
      "stage:before",
      sound.replace('"version":1', '"version":7'),
      'expected: "version": 1',
    ],
    [
      "an unknown key",
      "stage:before",
      sound.replace('"outcomes"', '"outcome"'),
      "expected: perhaps outcomes",
    ],
    ["that of another hook", "stage:after", sound, "error: gate is missing"],
    [
      "a flag that the plugin has not",
      "releases:classify",
      JSON.stringify({ ...eqiadRequests["releases:classify"], flags: { "suport-only": true } }),
      'flags.suport-only is no flag of the plugin: did you mean "support-only"?',
    ],
  ])("%s", async (_, hook, input, expected) => {
    const { exitCode, stdout, stderr } = await ask(hook, input);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain("a bug in");
  });

  it("one that is not UTF-8, in which a name would be read as another one", async () => {
    const child = start(["hook", "rollout:finish"]);
    child.stdin.end(
      Buffer.from(JSON.stringify(eqiadRequests["rollout:finish"]).replace("eqiad", "\xff"), "latin1"),
    );
    expect(await endOf(child)).toEqual({
      ...{ exitCode: 2, stdout: "" },
      stderr: "the request on standard input cannot be read: it is not UTF-8\n",
    });
  });

  it("a directory, which is nothing that could be read", () => {
    const argv = [command.program, "hook", "rollout:plan"];
    const stdin = openSync(repository, "r");
    const { status, stderr } = spawnSync(process.execPath, argv, { stdio: [stdin, "pipe", "pipe"] });
    closeSync(stdin);
    expect({ status, stderr: `${stderr}` }).toEqual({
      status: 2,
      stderr: "the request on standard input cannot be read: it is a directory\n",
    });
  });

  it("one that is longer than 64 MiB, which is given up while it is read", async () => {
    const child = start(["hook", "stage:before"]);
    // Without an end: it would be read for ever.
    const block = " ".repeat(1024 * 1024);
    const write = () => {
      while (child.stdin.writable && child.stdin.write(block));
    };
    child.stdin.on("drain", write);
    write();
    expect(await endOf(child)).toEqual({
      ...{ exitCode: 2, stdout: "" },
      stderr: "the request on standard input cannot be read: it is longer than 64 MiB\n",
    });
  });

  it.each([
    [
      ["hook", "rollout:plan", "stage:after"],
      '"stage:after" is one word too many: behind the verb hook stand',
    ],
    [["hook", "rollout:plan", "--timeout", "0"], "expected seconds, more than 0 and at most 86400."],
    [["hook", "rollout:plan", "-e", "eqiad"], "hook has no flag -e: it is one of"],
    [
      ["hook", "stage:after", "--plugin", "fixtures/plugins/databases-first"],
      "does not answer the hook stage:after; it answers releases:classify,",
    ],
    [
      ["hook", "rollout:plan", "--registry", "/nonexistent.yaml"],
      "the registry /nonexistent.yaml cannot be read",
    ],
  ])("%j", async (argv, expected) => {
    const [, hook = "", ...flags] = argv;
    const { exitCode, stdout, stderr } = await ask(hook, eqiadRequests["rollout:plan"], ...flags);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(expected);
  });
});

describe("a request that never ends", () => {
  it("is given up when the time is up: exit code 3, and no answer", async () => {
    const child = start(["hook", "stage:before", "--timeout", "0.5"]);
    child.stdin.write('{ "version": 1, ');
    expect(await endOf(child)).toEqual({
      ...{ exitCode: 3, stdout: "" },
      stderr: "the request on standard input did not end within 0.5 s\n",
    });
  });

  it("is read however slowly it comes", async () => {
    const child = start(["hook", "rollout:finish"]);
    const text = Buffer.from(JSON.stringify(eqiadRequests["rollout:finish"]));
    // A character of several bytes may be cut anywhere.
    for (let at = 0; at < text.length; at += 5_000) {
      child.stdin.write(text.subarray(at, at + 5_000));
      await new Promise(setImmediate);
    }
    child.stdin.end();
    expect((await endOf(child)).exitCode).toBe(0);
  });

  it("ends at Ctrl-C: exit code 130, and no answer", async () => {
    const child = start(["hook", "stage:before", "--plugin", pluginThat("slow")]);
    child.stdin.end(JSON.stringify(eqiadRequests["stage:before"]));
    // It has told that it was asked.
    await once(child.stderr, "data");
    child.kill("SIGINT");
    expect(await endOf(child)).toMatchObject({ exitCode: 130, stdout: "" });
  });
});

describe("a plugin", () => {
  const asks = (manner: string, ...flags: readonly string[]) =>
    ask("stage:before", eqiadRequests["stage:before"], "--plugin", pluginThat(manner), ...flags);

  it("that prints something does not get into the answer", async () => {
    const request = eqiadRequests["stage:before"];
    const child = start(["hook", "stage:before", "--plugin", pluginThat("prints")]);
    child.stdin.end(JSON.stringify(request));
    const { exitCode, stdout, stderr } = await endOf(child);
    expect({ exitCode, stdout, stderr }).toEqual({
      ...{ exitCode: 0, stdout: '{"version":1,"proceed":true}\n' },
      stderr: "begins\nis loaded\nis asked\n",
    });
  });

  it.each([
    ["throws", "the plugin odd failed in the hook stage:before: out of cheese"],
    ["babbles", "the plugin odd gave no valid answer to the hook stage:before:\n"],
    ["forgets", "the plugin odd gave no valid answer to the hook stage:before:\n"],
  ])("that %s is at fault: exit code 1, and nothing on stdout", async (manner, expected) => {
    const { exitCode, stdout, stderr } = await asks(manner);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(expected);
  });

  it("that ends the process is told, and has not answered: exit code 1", async () => {
    const child = start(["hook", "stage:before", "--plugin", pluginThat("exits")]);
    child.stdin.end(JSON.stringify(eqiadRequests["stage:before"]));
    const stderr =
      "the plugin odd failed in the hook stage:before: process.exit(0) was called, and a plugin may not end the process\n";
    expect(await endOf(child)).toEqual({ exitCode: 1, stdout: "", stderr });
  });

  it("that does not answer is given up: exit code 3", async () => {
    const { exitCode, stdout, stderr } = await asks("slow", "--timeout", "1");
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(stderr).toMatch(/the plugin odd did not end the hook stage:before within 0\.\d+ s\n$/);
  });

  it("that plans what cannot be carried out, or gives neither a plan nor a reason, is at fault", async () => {
    const request = eqiadRequests["rollout:plan"];
    for (const [manner, expected] of [
      ["tangled", 'the stage "rest" lists "b", which is no step'],
      ["speechless", "the plugin odd gave neither a plan nor a reason"],
    ] as const) {
      const { exitCode, stdout, stderr } = await ask(
        "rollout:plan",
        { ...request, flags: {} },
        "--plugin",
        pluginThat(manner),
      );
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
      expect(stderr).toContain(expected);
    }
  });
});

describe("an answer", () => {
  it("that nobody reads is no trouble", async () => {
    const child = start(["hook", "rollout:plan"]);
    child.stdout.destroy();
    child.stdin.end(JSON.stringify(eqiadRequests["rollout:plan"]));
    expect(await endOf(child)).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  it("that cannot be written is told: exit code 1", async () => {
    const full = openSync("/dev/full", "w");
    const child = spawn(process.execPath, [command.program, "hook", "rollout:plan"], {
      stdio: ["pipe", full, "pipe"],
    });
    let stderr = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    child.stdin?.end(JSON.stringify(eqiadRequests["rollout:plan"]));
    const [exitCode] = await once(child, "close");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: "the answer could not be written: no space left\n",
    });
  });
});

it("the command that plugin.json names answers, from wherever it is started", async () => {
  const file = join(command.folder, "plugin.json");
  const { command: words = [] } = manifestSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  const [program = "", ...others] = words;
  const child = spawn(join(dirname(file), program), [...others, "rollout:finish"], {
    cwd: temporaryFolder(),
  });
  child.stdin.end(JSON.stringify(eqiadRequests["rollout:finish"]));
  expect(answerOf(await endOf(child))).toMatchObject({ version: 1 });
});

async function inProcess<Name extends HookName>(hook: Name, request: HookRequests[Name]): Promise<unknown> {
  return asJson(await createHooks(wikimedia)[hook]?.(request));
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** What MediaWiki needs in two namespaces, and the command that it is handed over to. */
function planOfNorth(kubeconfig: string): Plan {
  const namespaces = ["mw-web", "shop"];
  const ids = namespaces.map((name) => `${name}/prometheus`);
  const steps = ids.map((id) => step(id, [], { releases: [id], stage: "support" }));
  const runDeploys = namespaces.map((name) => `${name}/main`);
  const stages = [
    { name: "support", gate: "wait" as const },
    { name: "mediawiki", gate: "none" as const, run: ["true"], runAfter: ["support"], runDeploys },
  ];
  const provides = namespaces.map((name) => ({
    ...{ namespace: name, service: "statsd-exporter-prometheus" },
    ...{ release: `${name}/prometheus`, step: `${name}/prometheus` },
  }));
  return {
    ...plan(steps, { stages, gates: [{ id: "support", stage: "support", steps: ids }] }),
    ...{ environment: "north", provides, settleSeconds: 0 },
    cluster: { kubeconfig, systemNamespaces: [] },
  };
}

/** The folder of a plugin that answers in this manner. */
function pluginThat(manner: string): string {
  const manifest = {
    ...{ name: "odd", version: "1.0.0", apiVersion: 1, entry: "./odd.js" },
    hooks: { "stage:before": {}, "rollout:plan": {} },
  };
  return temporaryFolder({
    "plugin.json": JSON.stringify(manifest),
    "package.json": '{ "type": "module" }',
    "odd.js": `const manner = ${JSON.stringify(manner)};${odd}`,
  });
}

const odd = `
if (manner === "prints") console.log("begins");
export default async () => {
  if (manner === "prints") process.stdout.write("is loaded\\n");
  return { hooks: { "stage:before": before, "rollout:plan": plan } };
};
async function before() {
  if (manner === "prints") console.log("is asked");
  if (manner === "exits") process.exit(0);
  if (manner === "throws") throw new Error("out of cheese");
  if (manner === "babbles") return "yes";
  if (manner === "forgets") return undefined;
  if (manner === "slow") {
    process.stderr.write("is asked\\n");
    await new Promise((resolve) => setTimeout(resolve, 1_000_000));
  }
  return { version: 1, proceed: true };
}
async function plan({ tree, mode }) {
  if (manner === "speechless") return { version: 1, diagnostics: [] };
  const stages = [{ name: "rest", gate: "none", steps: ["b"] }];
  const empty = { steps: [], gates: [], excluded: [], unreadable: [] };
  return { version: 1, plan: { version: 1, environment: tree.environment, mode, stages, ...empty }, diagnostics: [] };
}
`;

/** Starts the built command, whose input the test writes. */
function start(argv: readonly string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [command.program, ...argv], { cwd: repository });
  child.stdin.on("error", () => {});
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (chunk: Buffer) => {
      texts[name] += chunk.toString();
    });
  const [exitCode] = await once(child, "close");
  return { exitCode, ...texts };
}
