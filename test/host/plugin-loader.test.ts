import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand, repository } from "./support/built-command.ts";
import { controlledHelmfile } from "./support/controlled-helmfile.ts";
import { type Ended, runInProcess } from "./support/in-process.ts";
import { spawnCommand } from "./support/spawned.ts";

const databasesFirst = "fixtures/plugins/databases-first";
const shop = "fixtures/plugins/shop.json";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

describe("another plugin, with two classes and no registry", () => {
  const choose = (path: string): string[] => [
    "--plugin",
    path,
    "--inventory",
    shop,
    "--services_dir",
    "/srv/shop",
  ];

  it.each([databasesFirst, `${databasesFirst}/plugin.json`])("answers list, by its path %s", async (path) => {
    const { exitCode, stdout, stderr } = await runInProcess(["list", ...choose(path)]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    await expect(stdout).toMatchFileSnapshot("__snapshots__/databases-first-list.txt");
  });

  it("answers plan, in text and as JSON", async () => {
    const text = await runInProcess(["plan", "--mode", "refill", "--jobs", "8", ...choose(databasesFirst)]);
    expect(text.exitCode).toBe(0);
    await expect(text.stdout).toMatchFileSnapshot("__snapshots__/databases-first-plan.txt");
    const json = await runInProcess(["plan", "-o", "json", ...choose(databasesFirst)]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      mode: "apply",
      environment: "north",
      stages: [
        { name: "databases", gate: "wait", steps: ["orders/db", "search/index"] },
        { name: "applications", gate: "none", steps: ["orders/web", "search/web"] },
      ],
    });
  });

  it("answers apply and its own verb with --dry_run, which run nothing", async () => {
    const helmfile = controlledHelmfile();
    const env = { PATH: helmfile.path };
    for (const verb of ["apply", "refill"]) {
      const { exitCode, stdout } = await runInProcess([verb, "--dry_run", ...choose(databasesFirst)], {
        env,
      });
      expect(exitCode).toBe(0);
      await expect(stdout).toMatchFileSnapshot(`__snapshots__/databases-first-dry-run-${verb}.txt`);
    }
    expect(helmfile.calls()).toEqual([]);
  });

  it("has none of the first plugin's verbs, flags and registry", async () => {
    for (const [argv, message] of [
      [
        ["restore"],
        'unknown verb "restore": the verbs are diff, list, plan, apply, inventory, demo, explain, runbook, derive, runs, report, hook, refill\n',
      ],
      [["apply", "--support-only"], 'unknown flag "--support-only": --help lists the flags\n'],
      [["list", "--registry", "x"], "the plugin databases-first has no registry: leave --registry out\n"],
    ] as const) {
      expect(await runInProcess([...argv, ...choose(databasesFirst)])).toEqual({
        exitCode: 2,
        stdout: "",
        stderr: message,
      });
    }
  });

  const deploy = (argv: readonly string[], helmfile: { readonly path: string }) =>
    runInProcess([...argv, ...choose(databasesFirst)], {
      env: { PATH: helmfile.path, HOME: temporaryFolder() },
    });

  it("deploys its stages in order", async () => {
    const helmfile = controlledHelmfile();
    const { exitCode, stderr } = await deploy(["refill", "--yes", "--jobs", "1"], helmfile);
    expect(exitCode).toBe(0);
    expect(helmfile.calls().map(selected)).toEqual(["orders/db", "search/index", "orders/web", "search/web"]);
    expect(stderr).toContain("2 of 2 databases were deployed.");
  });

  it("refuses a stage, which is then blocked with the plugin's reason", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("diff", "echo '+ changed'; exit 2");
    const argv = ["apply", "--yes", "--freeze-applications", "-o", "json"];
    const { exitCode, stdout, stderr } = await deploy(argv, helmfile);
    expect(exitCode).toBe(1);
    expect(
      helmfile
        .calls()
        .filter((call) => call.endsWith(" apply"))
        .map(selected)
        .sort(),
    ).toEqual(["orders/db", "search/index"]);
    const reason = "applications are frozen (--freeze-applications)";
    expect(stderr).toContain(`blocked: orders/web, search/web (${reason})`);
    const { steps } = JSON.parse(stdout) as {
      steps: { id: string; outcome: { kind: string; reason?: string } }[];
    };
    expect(steps.map(({ id, outcome: { kind, reason: why } }) => [id, kind, why])).toEqual([
      ["orders/db", "succeeded", undefined],
      ["search/index", "succeeded", undefined],
      ["orders/web", "blocked", reason],
      ["search/web", "blocked", reason],
    ]);
  });

  it("keeps applications from a database that failed", async () => {
    const helmfile = controlledHelmfile();
    helmfile.answer("search_index", "echo 'Error: out of disk' >&2; exit 1");
    const { exitCode, stderr } = await deploy(["refill", "--yes"], helmfile);
    expect(exitCode).toBe(1);
    expect(helmfile.calls().map(selected).sort()).toEqual(["orders/db", "search/index"]);
    expect(stderr).toContain("failed: search/index: exit code 1: Error: out of disk");
    expect(stderr).toContain(
      "blocked: orders/web, search/web (the gate of databases stayed shut: search/index failed)",
    );
    expect(stderr).toContain("1 of 2 databases were deployed.");
  });

  function selected(call: string): string {
    return call.replace(/^.* -l namespace=([^,]*),name=(\S+) .*$/, "$1/$2");
  }
});

const plain = {
  name: "odd",
  version: "1.0.0",
  apiVersion: 1,
  entry: "./odd.mjs",
  hooks: {},
};

/** Runs `list` with a plugin that has this manifest and this entry. */
async function withPlugin(
  manifest: object | string,
  entry: string | undefined,
  argv: readonly string[] = ["list"],
): Promise<Ended & { readonly folder: string }> {
  const folder = temporaryFolder({
    ...(manifest === ""
      ? {}
      : { "plugin.json": typeof manifest === "string" ? manifest : JSON.stringify(manifest) }),
    ...(entry === undefined ? {} : { "odd.mjs": entry }),
  });
  const ended = await runInProcess([...argv, "--plugin", folder, "--inventory", shop]);
  return { ...ended, folder };
}

/** What it tells is all that it does: exit code 2, no answer, no stack trace. */
async function refusal(...how: Parameters<typeof withPlugin>): Promise<string> {
  const { exitCode, stdout, stderr, folder } = await withPlugin(...how);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr.replaceAll(folder, "PLUGIN").trimEnd();
}

describe("a bad manifest", () => {
  it.each([
    [
      "that is missing",
      "",
      "the plugin's manifest PLUGIN/plugin.json cannot be read: no such file or directory",
    ],
    [
      "that is no JSON",
      "{ name: 1 }",
      "the plugin's manifest PLUGIN/plugin.json cannot be read: Expected property name",
    ],
    [
      "that is empty",
      " ",
      "the plugin's manifest PLUGIN/plugin.json cannot be read: Unexpected end of JSON input",
    ],
    ["that is a list", "[]", "expected object, received array"],
    ["with an unknown key", { ...plain, verb: [] }, 'Unrecognized key: "verb"'],
    ["with an unknown hook", { ...plain, hooks: { "stage:during": {} } }, 'Unrecognized key: "stage:during"'],
    ["of another API", { ...plain, apiVersion: 2 }, "expected 1\n  → at apiVersion"],
    ["whose entry is no relative path", { ...plain, entry: "odd.mjs" }, "a path that begins with ./"],
    [
      "whose hook has no time",
      { ...plain, hooks: { "rollout:plan": { timeoutSeconds: 0 } } },
      "timeoutSeconds",
    ],
    ["whose verb is incomplete", { ...plain, verbs: [{ name: "x" }] }, "verbs[0].summary"],
    ["whose verb is charlie's", { ...plain, verbs: [verb("list")] }, "the plugin odd adds the verb list"],
    [
      "whose flag is charlie's",
      { ...plain, flags: [{ name: "yes", summary: "" }] },
      "the plugin odd adds --yes",
    ],
  ])("%s is refused", async (_, manifest, expected) => {
    const told = await refusal(manifest, undefined);
    expect(told).toContain(expected);
    if (!expected.startsWith("the plugin odd"))
      expect(told).toContain("the plugin's manifest PLUGIN/plugin.json");
  });

  it("that is found nowhere is refused, with its path", async () => {
    expect(await runInProcess(["list", "--plugin", "/nonexistent/plugin.json"])).toEqual({
      exitCode: 2,
      stdout: "",
      stderr: "the plugin's manifest /nonexistent/plugin.json cannot be read: no such file or directory\n",
    });
  });

  it("--plugin and --no-plugin contradict each other", async () => {
    const { exitCode, stderr } = await runInProcess(["list", "--plugin", "x", "--no-plugin"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: "--plugin and --no-plugin contradict each other\n",
    });
  });

  function verb(name: string) {
    const rest = { diffs: true, asksBetweenStages: false, refusesUnreadable: false, oneEnvironment: false };
    return { name, summary: "", mode: "apply", ...rest };
  }
});

describe("a bad entry", () => {
  const hooks = { "releases:classify": {} };

  it.each([
    ["that is not there", {}, undefined, /^the plugin odd cannot be loaded from PLUGIN\/odd\.mjs: /],
    ["that is no JavaScript", {}, "const = ;", /^the plugin odd cannot be loaded from PLUGIN\/odd\.mjs: /],
    [
      "that throws",
      {},
      "throw new Error('no licence')",
      /^the plugin odd cannot be loaded from PLUGIN\/odd\.mjs: no licence$/,
    ],
    ["that throws a word", {}, "throw 'no licence'", /odd\.mjs: no licence$/],
    ["that throws nothing", {}, "throw undefined", /odd\.mjs: undefined$/],
    ["that throws an error without words", {}, "throw new TypeError()", /odd\.mjs: TypeError$/],
    [
      "without a default export",
      {},
      "export const create = 1",
      /^the plugin odd has no function as default export of PLUGIN\/odd\.mjs$/,
    ],
    ["whose default export is no function", {}, "export default {}", /has no function as default export/],
    [
      "that fails to make the plugin",
      {},
      "export default () => { throw new Error('no database') }",
      /^the plugin odd failed in its start: no database$/,
    ],
    [
      "that makes what throws when it is read",
      {},
      "export default () => ({ get hooks() { throw new Error('no database') } })",
      /^the plugin odd failed in its start: no database$/,
    ],
    ["that makes nothing", {}, "export default () => {}", /^the plugin odd made no object with hooks$/],
    ["that makes no hooks", {}, "export default () => ({ hooks: null })", /made no object with hooks$/],
    [
      "that tells faults in a form of its own",
      {},
      "export default () => ({ hooks: {}, diagnostics: ['bad'] })",
      /^the plugin odd told faults in no valid form:\n/,
    ],
    [
      "that leaves out a hook of its manifest",
      hooks,
      "export default () => ({ hooks: {} })",
      /^the plugin odd does not answer releases:classify, which its manifest names$/,
    ],
    [
      "whose hook is no function",
      hooks,
      "export default () => ({ hooks: { 'releases:classify': 'yes' } })",
      /^the plugin odd does not answer releases:classify, which its manifest names$/,
    ],
    [
      "that answers a hook that its manifest does not name",
      {},
      "export default () => ({ hooks: { 'stage:before': async () => ({}) } })",
      /^the plugin odd answers stage:before, which its manifest does not name$/,
    ],
  ] as const)("%s is refused", async (_, declared, entry, expected) => {
    expect(await refusal({ ...plain, hooks: declared }, entry)).toMatch(expected);
  });

  it("that finds a fault in what it was handed tells it, and nothing else happens", async () => {
    const fault = {
      severity: "error",
      code: "old-licence",
      message: "the licence is of 1999",
      remedy: "buy another",
    };
    const told = await refusal(
      { ...plain, hooks },
      `export default () => ({ hooks: {}, diagnostics: [${JSON.stringify(fault)}] })`,
    );
    expect(told).toBe("error: the licence is of 1999\n  to do: buy another");
  });

  it("that only warns goes on, and the warning is told", async () => {
    const warning = { severity: "warning", code: "old-licence", message: "the licence ends today" };
    const entry = `export default () => ({
      hooks: { "releases:classify": async () => ({ version: 1, releases: [], diagnostics: [] }) },
      diagnostics: [${JSON.stringify(warning)}],
    })`;
    const { exitCode, stderr } = await withPlugin({ ...plain, hooks }, entry);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "warning: the licence ends today\n\n" });
  });

  it("may be a class: its hooks keep their this", async () => {
    const entry = `class Hooks {
      #releases = [];
      async "releases:classify"() { return { version: 1, releases: this.#releases, diagnostics: [] }; }
    }
    export default () => ({ hooks: new Hooks() })`;
    expect(await withPlugin({ ...plain, hooks }, entry)).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

describe("a hook", () => {
  /** The refusal of a plugin whose hook has this body. */
  function answering(body: string, hook = "releases:classify", seconds = 30): Promise<string> {
    const manifest = { ...plain, hooks: { [hook]: { timeoutSeconds: seconds } } };
    const entry = `export default () => ({ hooks: { "${hook}": (request) => { ${body} } } })`;
    return refusal(manifest, entry, [hook === "rollout:plan" ? "plan" : "list"]);
  }

  it.each([
    ["throws", "throw new Error('no database')", "no database"],
    ["rejects", "return Promise.reject(new Error('no database'))", "no database"],
    ["rejects with a word", "return Promise.reject('no database')", "no database"],
    ["rejects with an object", "return Promise.reject({ code: 5 })", "{ code: 5 }"],
    ["rejects with nothing", "return Promise.reject()", "undefined"],
    [
      "rejects with what has no words",
      "return Promise.reject(Object.create(null))",
      "[Object: null prototype] {}",
    ],
    [
      "rejects with what throws when it is asked for its words",
      "return Promise.reject(Object.defineProperty(new Error(), 'message', { get: () => { throw 5; } }))",
      "something that cannot be told in words",
    ],
    [
      "rejects with what throws when it is asked what it is",
      "return Promise.reject(new Proxy({}, { getPrototypeOf: () => { throw 5; } }))",
      "something that cannot be told in words",
    ],
    [
      "answers with what throws when it is read",
      "return { get version() { throw 'too late'; } }",
      "too late",
    ],
  ])("that %s is named, with its plugin", async (_, body, message) => {
    expect(await answering(body)).toBe(`the plugin odd failed in the hook releases:classify: ${message}`);
  });

  it("that changes what it was asked about changes nothing of what the host goes by", async () => {
    const body = `const releases = request.tree.services.flatMap(({ name: service, releases }) =>
        releases.map(({ id }) => ({ service, release: id, class: "any", reason: { text: "all are" } })));
      request.tree.services.length = 0;
      request.tree.environment = "nowhere";
      return Promise.resolve({ version: 1, releases, diagnostics: [] });`;
    const entry = `export default () => ({ hooks: { "releases:classify": (request) => { ${body} } } })`;
    const { exitCode, stdout } = await withPlugin({ ...plain, hooks: { "releases:classify": {} } }, entry);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("orders/web");
    expect(stdout).not.toContain("nowhere");
  });

  it("that does not end is not waited for", async () => {
    expect(await answering("return new Promise(() => {})", "releases:classify", 0.02)).toBe(
      "the plugin odd did not end the hook releases:classify within 0.02 s",
    );
  });

  it("that is busy when the operator interrupts is not waited for", async () => {
    const interruption = new AbortController();
    const folder = temporaryFolder({
      "plugin.json": JSON.stringify({ ...plain, hooks: { "releases:classify": {} } }),
      "odd.mjs": `export default () => ({ hooks: { "releases:classify": () => {
        globalThis.oddIsBusy();
        return new Promise(() => {});
      } } })`,
    });
    Object.assign(globalThis, { oddIsBusy: () => interruption.abort() });
    const { exitCode, stderr } = await runInProcess(["list", "--plugin", folder, "--inventory", shop], {
      signal: interruption.signal,
    });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 130,
      stderr: "the plugin odd did not end the hook releases:classify before the interruption\n",
    });
  });

  it("that the host needs and the plugin has not is named", async () => {
    expect(await refusal(plain, "export default () => ({ hooks: {} })", ["plan"])).toBe(
      "the plugin odd does not answer the hook rollout:plan",
    );
  });

  it.each([
    ["nothing", "return undefined", "expected object, received undefined"],
    ["null", "return null", "expected object, received null"],
    ["a word", "return 'no'", "expected object, received string"],
    ["another version", "return { version: 2, releases: [], diagnostics: [] }", "expected 1\n  → at version"],
    ["an unknown key", "return { version: 1, releases: [], diagnostics: [], x: 1 }", 'Unrecognized key: "x"'],
    ["half of it", "return { version: 1, releases: [] }", "→ at diagnostics"],
    [
      "a release without a reason",
      "return { version: 1, releases: [{ service: 'a', release: 'a/b', class: 'c' }], diagnostics: [] }",
      "→ at releases[0].reason",
    ],
  ])("that answers %s is refused", async (_, body, fault) => {
    const told = await answering(body);
    expect(told).toContain("the plugin odd gave no valid answer to the hook releases:classify:\n");
    expect(told).toContain(fault);
  });

  it("that classifies a release that is not there is refused", async () => {
    const release = { service: "orders", release: "orders/ghost", class: "x", reason: { text: "" } };
    const answer = JSON.stringify({ version: 1, releases: [release], diagnostics: [] });
    expect(await answering(`return ${answer}`)).toBe(
      "the plugin odd answered the hook releases:classify for orders/ghost of orders, which is not there",
    );
  });

  it("that gives neither a plan nor a reason is refused", async () => {
    expect(await answering("return { version: 1, diagnostics: [] }", "rollout:plan")).toBe(
      "the plugin odd gave neither a plan nor a reason in its answer to the hook rollout:plan",
    );
  });

  it("that gives a plan and an error with it is believed about the error", async () => {
    const fault = { severity: "error", code: "x", message: "the moon is full" };
    const answer = JSON.stringify({ version: 1, plan: plan(), diagnostics: [fault] });
    expect(await answering(`return ${answer}`, "rollout:plan")).toBe("error: the moon is full");
  });

  it("that plans what hangs together is believed", async () => {
    const manifest = { ...plain, hooks: { "rollout:plan": {} } };
    const answer = JSON.stringify({ version: 1, plan: plan(), diagnostics: [] });
    const entry = `export default () => ({ hooks: { "rollout:plan": async () => (${answer}) } })`;
    expect(await withPlugin(manifest, entry, ["plan"])).toMatchObject({ exitCode: 0, stderr: "" });
  });

  it.each([
    [
      "waits for nobody",
      plan({ b: { after: ["ghost"] } }),
      'the step "b" waits for "ghost", which is no step',
    ],
    [
      "stands before its own",
      plan({ a: { after: ["b"] } }),
      'the step "a" stands before "b", which it waits for',
    ],
    ["waits for itself", plan({ b: { after: ["b"] } }), "steps wait for each other in a circle: b → b"],
    [
      "waits in a circle",
      plan({ a: { after: ["b"] }, b: { after: ["a"] } }),
      "steps wait for each other in a circle: b → a → b",
    ],
    [
      "waits in a circle through a gate",
      {
        ...plan({ a: { after: ["b"] }, b: { gates: ["g"] } }),
        gates: [{ id: "g", stage: "one", steps: ["a"] }],
      },
      "steps wait for each other in a circle: b → a → b",
    ],
    ["is held by no gate", plan({ b: { gates: ["g"] } }), 'the step "b" is held by "g", no gate'],
    [
      "is of no stage",
      plan({ b: { stage: "two" } }),
      'the step "b" is of the stage "two", which there is not',
    ],
    [
      "does not do what it says",
      plan({ b: { args: ["destroy"] } }),
      'the step "b" has no "apply" among its arguments',
    ],
    ["is there twice", { ...plan(), steps: [...plan().steps, plan().steps[0]] }, 'two steps have the id "a"'],
    ["is in no stage", { ...plan(), stages: [stage("one", ["a"])] }, 'the step "b" is listed by no stage'],
    [
      "is in two stages",
      { ...plan(), stages: [stage("one", ["a", "b"]), stage("two", ["b"])] },
      'the step "b" is listed twice: by the stages "one" and "two"',
    ],
    [
      "is in a stage twice",
      { ...plan(), stages: [stage("one", ["a", "b", "b"])] },
      'the step "b" is listed twice: by the stages "one" and "one"',
    ],
    [
      "is in another stage than it says",
      { ...plan(), stages: [stage("one", ["a"]), stage("two", ["b"])] },
      'the stage "two" lists the step "b", which says it is of "one"',
    ],
    [
      "is only in a stage",
      { ...plan(), stages: [stage("one", ["a", "b", "ghost"])] },
      'the stage "one" lists "ghost", which is no step',
    ],
  ])("that plans a step that %s is refused", async (_, wrong, fault) => {
    const answer = JSON.stringify({ version: 1, plan: wrong, diagnostics: [] });
    expect(await answering(`return ${answer}`, "rollout:plan")).toBe(
      `the plugin odd gave no valid answer to the hook rollout:plan:\n  - ${fault}`,
    );
  });

  it.each([
    [
      "a gate for no step",
      { gates: [gate({ steps: ["ghost"] })] },
      'the gate "g" waits for "ghost", which is no step',
    ],
    [
      "a gate for a step twice",
      { gates: [gate({ steps: ["a", "a"] })] },
      'the gate "g" waits for the step "a" twice',
    ],
    [
      "a gate of no stage",
      { gates: [gate({ stage: "two" })] },
      'the gate "g" is of the stage "two", which there is not',
    ],
    ["two gates of one name", { gates: [gate({}), gate({})] }, 'two gates have the id "g"'],
    [
      "two stages of one name",
      { stages: [stage("one", ["a", "b"]), stage("one", [])] },
      'two stages have the name "one"',
    ],
    [
      "a command behind no gate",
      { stages: [{ ...stage("one", ["a", "b"]), run: ["x"], runAfter: ["g"] }] },
      'the command of the stage "one" waits for "g", which is no gate',
    ],
    ["another environment", { environment: "south" }, 'it is a plan for "south", and was asked for "north"'],
    ["another mode", { mode: "restore" }, "it is a plan of mode restore, and was asked for apply"],
  ])("that plans %s is refused", async (_, wrong, fault) => {
    const answer = JSON.stringify({ version: 1, plan: { ...plan(), ...wrong }, diagnostics: [] });
    expect(await answering(`return ${answer}`, "rollout:plan")).toBe(
      `the plugin odd gave no valid answer to the hook rollout:plan:\n  - ${fault}`,
    );
  });

  it("that plans nothing but faults has the first of them told", async () => {
    const steps = Array.from({ length: 100 }, (_, at) => ({
      ...plan().steps[0],
      id: `s${at}`,
      after: ["ghost"],
    }));
    const wrong = {
      ...plan(),
      steps,
      stages: [
        stage(
          "one",
          steps.map(({ id }) => id),
        ),
      ],
    };
    const told = await answering(
      `return ${JSON.stringify({ version: 1, plan: wrong, diagnostics: [] })}`,
      "rollout:plan",
    );
    expect(told.split("\n")).toHaveLength(22);
    expect(told).toMatch(/ {2}- and 80 more$/);
  });

  function stage(name: string, steps: readonly string[]) {
    return { name, gate: "none", steps };
  }

  function gate(overrides: object) {
    return { id: "g", stage: "one", steps: ["a"], ...overrides };
  }

  /** Two steps, and what is other about them. */
  function plan(overrides: Readonly<Record<string, object>> = {}) {
    const steps = ["a", "b"].map((id) => ({
      id,
      service: "orders",
      helmfile: "/srv/orders/helmfile.yaml",
      releases: [`orders/${id}`],
      class: "application",
      action: "apply",
      args: ["--file", "/srv/orders/helmfile.yaml", "apply"],
      after: [],
      stage: "one",
      ...overrides[id],
    }));
    return {
      version: 1,
      environment: "north",
      mode: "apply",
      stages: [stage("one", ["a", "b"])],
      steps,
      gates: [],
      excluded: [],
      unreadable: [],
    };
  }
});

describe("a hook that fails while helmfiles run", () => {
  /** The tiny plugin with another body for one of its hooks. */
  function pluginWith(hook: string, body: string): string {
    const manifest = JSON.parse(readFileSync(join(databasesFirst, "plugin.json"), "utf8")) as {
      hooks: Record<string, object>;
    };
    manifest.hooks[hook] = { timeoutSeconds: 0.2 };
    const entry = `import create from ${JSON.stringify(join(repository, databasesFirst, "databases-first.js"))};
      export default () => {
        const { hooks } = create();
        return { hooks: { ...hooks, "${hook}": async (request) => { ${body} } } };
      };`;
    return temporaryFolder({
      "plugin.json": JSON.stringify({ ...manifest, entry: "./odd.mjs" }),
      "odd.mjs": entry,
    });
  }

  type Run = (argv: readonly string[], env: Readonly<Record<string, string>>) => Promise<Ended>;
  const inProcess: Run = (argv, env) => runInProcess(argv, { env });
  const asProcess: Run = (argv, env) => spawnCommand(command.program, argv, { cwd: repository, env }).ended;

  async function refill(plugin: string, run: Run = inProcess) {
    const helmfile = controlledHelmfile();
    const argv = ["refill", "--yes", "--plugin", plugin, "--inventory", shop];
    const ended = await run(argv, { PATH: helmfile.path, HOME: temporaryFolder() });
    return { ...ended, calls: helmfile.calls() };
  }

  it.each([
    ["throws", "throw new Error('no idea')", "failed in the hook stage:before: no idea"],
    ["hangs", "return new Promise(() => {})", "did not end the hook stage:before within 0.2 s"],
    ["answers nonsense", "return { version: 1 }", "gave no valid answer to the hook stage:before"],
  ])("stage:before that %s blocks its stages, and the rollout comes to its end", async (_, body, message) => {
    const { exitCode, stderr, calls } = await refill(pluginWith("stage:before", body));
    expect(exitCode).toBe(1);
    expect(calls).toEqual([]);
    expect(stderr).toContain(`the plugin databases-first ${message}`);
    expect(stderr).toContain("0 of 2 databases were deployed.");
  });

  it("stage:after that throws keeps the gate shut, and what it does not hold is deployed", async () => {
    const { exitCode, stderr, calls } = await refill(pluginWith("stage:after", "throw new Error('no idea')"));
    expect(exitCode).toBe(1);
    expect(calls).toHaveLength(2);
    expect(stderr).toContain(
      "stayed shut: the plugin databases-first failed in the hook stage:after: no idea",
    );
    expect(stderr).toContain("2 of 2 databases were deployed.");
  });

  it("rollout:finish that throws hides nothing of what was done", async () => {
    const { exitCode, stderr, calls } = await refill(
      pluginWith("rollout:finish", "throw new Error('no idea')"),
    );
    expect(exitCode).toBe(2);
    expect(calls).toHaveLength(4);
    expect(stderr).toContain("applications  2 of 2 releases  2 succeeded");
    expect(stderr).toMatch(/the plugin databases-first failed in the hook rollout:finish: no idea\n$/);
  });

  it("a promise that nobody waits for does not leave helmfiles behind", async () => {
    const plugin = pluginWith(
      "stage:before",
      "Promise.reject(new Error('lost')); return { version: 1, proceed: true }",
    );
    const { exitCode, stderr } = await refill(plugin, asProcess);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("a bug in charlie-mediawiki or in its plugin: lost\n");
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stderr).toContain("stopped: interrupted");
  });

  it("one that ends the process does not: what runs is waited for, and nothing succeeded", async () => {
    const { exitCode, stderr, calls } = await refill(
      pluginWith("stage:before", "process.exit(0)"),
      asProcess,
    );
    expect(exitCode).toBe(1);
    expect(calls).toEqual([]);
    expect(stderr).toContain("the plugin databases-first failed in the hook stage:before: process.exit(0)");
    expect(stderr).toContain("0 of 2 databases were deployed.");
  });

  it.each([
    ["sets another exit code", "process.exitCode = 0", "throw new Error('no idea')"],
    ["throws", "throw new Error('at the end')", "return { version: 1, proceed: true }"],
    [
      "throws, and leaves a timer,",
      "throw new Error('at the end')",
      "setInterval(() => {}, 1000); return { version: 1, proceed: true }",
    ],
  ])("one that %s when the process ends makes no success of it", async (_, atEnd, body) => {
    const plugin = pluginWith("stage:before", `process.once("exit", () => { ${atEnd} }); ${body}`);
    const { exitCode, stderr } = await refill(plugin, asProcess);
    expect(exitCode).toBe(1);
    expect(stderr).not.toContain("interrupted");
  });

  it("what a plugin prints is not in the answer that a program reads", async () => {
    const plugin = pluginWith(
      "rollout:plan",
      'console.log("thinking"); return hooks["rollout:plan"](request)',
    );
    const argv = ["plan", "-o", "json", "--plugin", plugin, "--inventory", shop];
    const { exitCode, stdout, stderr } = await asProcess(argv, {});
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "thinking\n" });
    expect(JSON.parse(stdout)).toMatchObject({ environment: "north" });
  });

  it("what a plugin leaves open does not keep the command from ending", async () => {
    const plugin = pluginWith(
      "stage:before",
      "setInterval(() => {}, 1000); return { version: 1, proceed: true }",
    );
    expect(await refill(plugin, asProcess)).toMatchObject({ exitCode: 0 });
  });
});
