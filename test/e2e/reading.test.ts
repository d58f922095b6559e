import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type OperatorShell, openOperatorShell } from "./support/operator-shell.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("verbs that only read, on a tree that has a service that cannot be read", () => {
  let shell: OperatorShell;

  beforeEach(() => {
    shell = openOperatorShell();
  });

  afterEach(() => shell.close());

  const warning = `warning: the service broken could not be read: ${whyBroken}`;

  it.each(["list", "plan"])("%s warns about it, shows the others and ends well", async (verb) => {
    const { exitCode, stdout, stderr } = await shell.charlie([verb, "-e", "eqiad", "-o", "json"]);
    expect({ exitCode, stderr: stderr.trim() }).toEqual({ exitCode: 0, stderr: warning });
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      environment: "eqiad",
      unreadable: [{ service: "broken", message: whyBroken }],
    });
  });

  it.each(["list", "plan"])(
    "%s writes a JSON document per line for each environment of a glob",
    async (verb) => {
      const { exitCode, stdout } = await shell.charlie([
        verb,
        "-e",
        "*",
        "--exclude",
        "broken",
        "-o",
        "json",
      ]);
      expect(exitCode).toBe(0);
      const documents = stdout.split("\n").map((line) => JSON.parse(line));
      expect(documents).toMatchObject(["codfw", "eqiad", "staging"].map((environment) => ({ environment })));
    },
  );

  it.each(["apply", "restore"])(
    "the %s plan from a written inventory is the one from the tree",
    async (mode) => {
      const { exitCode, stdout } = await shell.charlie(["inventory", "-e", "eqiad"]);
      expect(exitCode).toBe(0);
      const file = join(shell.folder, "eqiad.json");
      writeFileSync(file, stdout);
      const plan = ["plan", "--mode", mode, "-e", "eqiad", "-o", "json"];
      const fromTree = await shell.charlie(plan);
      expect(JSON.parse(fromTree.stdout)).toMatchObject({ mode, environment: "eqiad" });
      // Without helmfile on PATH: it is not asked.
      const env = { PATH: withoutTools };
      expect(await shell.charlie([...plan, "--inventory", file], { env })).toMatchObject({
        exitCode: 0,
        stdout: fromTree.stdout,
        stderr: fromTree.stderr,
      });
    },
  );

  it("the operator's RELEASE_NAME changes nothing of what is read", async () => {
    const args = ["list", "-e", "eqiad", "-o", "json"];
    const { stdout } = await shell.charlie(args);
    expect((await shell.charlie(args, { env: { RELEASE_NAME: "surprise" } })).stdout).toBe(stdout);
    expect(stdout).not.toContain("surprise");
  });

  it("without helmfile on PATH, says so and ends with 3", async () => {
    const { exitCode, stdout, stderr } = await shell.charlie(["restore", "-e", "eqiad", "--yes"], {
      env: { PATH: withoutTools },
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(stderr).toMatchInlineSnapshot(`
      "error: the tree cannot be read with helmfile: helmfile is not installed or not on PATH
        to do: install helmfile and helm and put them on PATH, or give an inventory instead of the tree"
    `);
  });
});

describeWithTools("a cluster that does not answer", () => {
  let shell: OperatorShell;
  let env: Record<string, string>;

  beforeEach(() => {
    shell = openOperatorShell();
    const file = join(shell.folder, "nobody.config");
    const cluster = { name: "nobody", cluster: { server: "https://127.0.0.1:1" } };
    const context = { name: "nobody", context: { cluster: "nobody", user: "nobody" } };
    const kubeconfig = {
      apiVersion: "v1",
      kind: "Config",
      clusters: [cluster],
      users: [{ name: "nobody", user: {} }],
      contexts: [context],
      "current-context": "nobody",
    };
    writeFileSync(file, JSON.stringify(kubeconfig));
    env = { KUBECONFIG: file, E2E_KUBECONFIG: file };
  });

  afterEach(() => shell.close());

  const reason = /Kubernetes cluster unreachable: .*127\.0\.0\.1:1: connect: connection refused/;

  it("a restore does not begin, as nobody knows whether the cluster is wiped, and says why", async () => {
    const services = ["-s", "mw-mcrouter", "-s", "mw-web", "-s", "toolhub"];
    const { exitCode, stdout, stderr } = await shell.charlie(
      ["restore", "-e", "eqiad", "--yes", "--not-wiped", "eqiad", ...services, "-o", "json"],
      { env },
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(stderr).toMatch(
      /^whether the cluster of eqiad is wiped could not be found out: .* https:\/\/127\.0\.0\.1:1: connection refused\nnothing was deployed$/m,
    );
    expect(stderr).not.toMatch(/^ +at .*\d+:\d+/m);
    expect(shell.salLog()).toEqual([]);
  });

  it.each([
    ["diff", []],
    // Nobody waits here for the cluster to come back.
    ["apply", ["--tries", "1"]],
  ] as const)("%s fails for every service, and says why", async (verb, flags) => {
    const services = ["-s", "mw-web", "-s", "toolhub"];
    const argv = [verb, "-e", "eqiad", "--yes", ...services, ...flags];
    const { exitCode, stdout, stderr } = await shell.charlie(argv, { env });
    expect(exitCode).toBe(3);
    const failed = `${stdout}\n${stderr}`.split("\n").filter((line) => line.includes(": diff failed: "));
    expect(failed).toMatchObject([expect.stringMatching(reason), expect.stringMatching(reason)]);
    expect(stderr).not.toMatch(/^ +at .*\d+:\d+/m);
  });
});

/** helmfile's words for the service `broken`. */
const whyBroken =
  'in services/broken/helmfile.yaml: error during helmfile.yaml.part.1 parsing: template: stringTemplate:16:20: executing "stringTemplate" at <.Values.backfill>: map has no entry for key "backfill"';

const withoutTools = ["/usr/bin", "/bin"].join(delimiter);
