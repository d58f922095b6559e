import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { clusterAccess } from "../../src/io/cluster-access.ts";
import { kubeconfigFor, startFakeKubernetes } from "../support/fake-kubernetes.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** A cluster whose name can be seen in its version. */
async function cluster(version: string): Promise<string> {
  const kubernetes = await startFakeKubernetes({ version });
  onTestFinished(() => kubernetes.stop());
  return kubernetes.kubeconfigFile;
}

function access(options: Partial<Parameters<typeof clusterAccess>[0]> = {}) {
  const opened = clusterAccess({ env: {}, ...options });
  onTestFinished(opened.close);
  return opened;
}

async function versionSeen(
  candidates: readonly string[],
  options: Partial<Parameters<typeof clusterAccess>[0]> = {},
) {
  const identity = await access(options).open(candidates).identity();
  return identity.ok ? identity.value.version : identity.failure;
}

describe("which kubeconfig", () => {
  it("is the first of those that exist", async () => {
    const [first, second] = [await cluster("v1.1"), await cluster("v1.2")];
    expect(await versionSeen(["/none.config", first, second])).toBe("v1.1");
  });

  it("is the operator's, whatever is asked for", async () => {
    const [first, second] = [await cluster("v1.1"), await cluster("v1.2")];
    expect(await versionSeen([first], { kubeconfig: second })).toBe("v1.2");
  });

  it("is helm's own where none is asked for: of KUBECONFIG the first that exists, else that of HOME", async () => {
    const file = await cluster("v1.1");
    const home = temporaryFolder();
    mkdirSync(join(home, ".kube"));
    writeFileSync(join(home, ".kube", "config"), kubeconfigFor("http://127.0.0.1:9"));
    const env = { HOME: home, KUBECONFIG: `:/none.config:${file}` };
    expect(await versionSeen([], { env })).toBe("v1.1");
    expect(await versionSeen([], { env: { HOME: home } })).toMatchObject({ kind: "unreachable" });
  });

  it("is told by the reader, for commands that people are shown", async () => {
    const file = await cluster("v1.1");
    expect(access().open(["/none.config", file]).kubeconfig).toBe(file);
    expect(access().open(["/none.config"])).not.toHaveProperty("kubeconfig");
  });

  it("is loaded once, however many readings there are", async () => {
    const folder = temporaryFolder({ "a.config": kubeconfigFor("http://127.0.0.1:9") });
    const { open } = access();
    const first = open([join(folder, "a.config")]);
    expect(await first.identity()).toMatchObject({ failure: { kind: "unreachable" } });
    writeFileSync(join(folder, "a.config"), "{");
    expect(await open([join(folder, "a.config")]).identity()).toMatchObject({
      failure: { kind: "unreachable" },
    });
  });

  it.each([
    [["/a.config", "/b.config"], {}, "none of these exists: /a.config, /b.config"],
    [["/a", "/b", "/c", "/d", "/e", "/f"], {}, "none of these exists: /a, /b, /c, /d and 2 more"],
    [["/a.config"], {}, "there is no /a.config"],
    [[], { env: { KUBECONFIG: "/a.config:/b.config" } }, "none of these exists: /a.config, /b.config"],
    [[], { env: { HOME: "/nowhere" } }, "there is no /nowhere/.kube/config"],
    [[], {}, "$KUBECONFIG and $HOME are not set"],
  ])("names what was tried where there is none: %j %j", async (candidates, options, words) => {
    expect(await versionSeen(candidates, options)).toEqual({
      kind: "no-kubeconfig",
      message: `no kubeconfig to reach the cluster with: ${words}; name one with --kubeconfig FILE`,
    });
  });
});

it("says whose word it was where the operator's own choice is not there", async () => {
  expect(await versionSeen(["/b.config"], { kubeconfig: "/a.config" })).toEqual({
    kind: "no-kubeconfig",
    message: "no kubeconfig to reach the cluster with: there is no /a.config, which --kubeconfig names",
  });
});

describe("a kubeconfig that makes no sense is told as that, without its secrets", () => {
  const secret = "s3cr3t";
  const valid = JSON.parse(kubeconfigFor("https://127.0.0.1:9", { token: secret }));
  const foreign = /cannot be used: it is no kubeconfig: expected a map with clusters, users and contexts$/;
  const withCluster = (fields: object) => ({
    ...valid,
    clusters: [{ name: "fake", cluster: { server: "https://127.0.0.1:9", ...fields } }],
  });
  const withUser = (user: object) => ({ ...valid, users: [{ name: "admin", user }] });
  const exec = (script: string) =>
    withUser({
      exec: { apiVersion: "client.authentication.k8s.io/v1", command: "sh", args: ["-c", script] },
    });

  it.each<[string, string | object, RegExp]>([
    ["no YAML", `token: ${secret}\n  : [`, /it is no YAML at line 2, column \d+$/],
    [
      "two documents",
      `contexts: []\n---\ntoken: ${secret}\n`,
      /another YAML document begins here at line 2, column 1$/,
    ],
    [
      "a key that stands twice",
      `contexts: []\n${secret}: 1\n${secret}: 2\n`,
      /: a key stands twice in one map at line 3, column 1$/,
    ],
    [
      "an alias of nothing",
      `contexts: *${secret}\n`,
      /: an alias has no anchor above it at line 1, column 11$/,
    ],
    ["longer than any", `# ${secret}\n`.repeat(200_000), /cannot be used: it is longer than 1 MiB$/],
    [
      "one that stands for more than it has",
      // Not sound, so that the library does not read it first.
      `a: &a [${"1, ".repeat(999)}1]\nb: [${"*a, ".repeat(999)}*a]\ncontexts: []\n`,
      /with all aliases written out, this file has more than 100,000 values at line 2, column \d+$/,
    ],
    ["empty", "", foreign],
    ["a text", `my ${secret} words`, foreign],
    ["a list", "- a\n- b\n", foreign],
    ["another map", "version: 1\nnamespaces: {}\n", foreign],
    ["no current context", { ...valid, "current-context": undefined }, /it has no current-context$/],
    ["an empty current context", { ...valid, "current-context": "" }, /it has no current-context$/],
    ["a context that is not there", { ...valid, contexts: null }, /it has no context fake, which is its/],
    [
      "a cluster that is not there",
      { ...valid, clusters: [] },
      /it has no cluster fake, which its context names$/,
    ],
    ["a user that is not there", { ...valid, users: [] }, /it has no user admin, which its context names$/],
    ["no server", withCluster({ server: undefined }), /clusters\.0\.cluster\.server: .*expected string/],
    ["a server that is no address", withCluster({ server: "kube:6443" }), /its server is no https: address$/],
    [
      "a server without TLS",
      withCluster({ server: "http://kube:1" }),
      /does not say insecure-skip-tls-verify: true$/,
    ],
    [
      "a CA file that is not there",
      withCluster({ "certificate-authority": "ca.crt" }),
      /\/ca\.crt: no such file/,
    ],
    [
      "a CA that is none",
      withCluster({ "certificate-authority-data": Buffer.from(secret).toString("base64") }),
      /cannot be used: .*PEM/,
    ],
    [
      "a certificate that is none",
      withUser({ "client-certificate-data": "bm9uZQ==" }),
      /cannot be used: .*PEM/,
    ],
    ["a key file that is not there", withUser({ "client-key": "client.key" }), /\/client\.key: no such file/],
    ["a token file that is not there", withUser({ tokenFile: "token" }), /\/token: no such file/],
    [
      "an exec plugin that is not there",
      withUser({ exec: { command: "no-such-plugin" } }),
      /its exec plugin no-such/,
    ],
    [
      "an exec plugin that fails",
      exec("echo not logged in >&2; exit 3"),
      /its exec plugin sh fails: not logged in$/,
    ],
    [
      "an exec plugin that says no JSON",
      exec(`echo ${secret}`),
      /its exec plugin sh fails: an answer that is no JSON$/,
    ],
    ["an exec plugin that says nothing of use", exec("echo {}"), /its exec plugin sh fails: /],
  ])("%s", async (_, content, words) => {
    const text = typeof content === "string" ? content : JSON.stringify(content);
    const file = join(temporaryFolder({ "some.config": text }), "some.config");
    const failure = await versionSeen([file]);
    expect(failure).toEqual({ kind: "invalid-kubeconfig", message: expect.stringMatching(words) });
    const { message } = Object(failure);
    expect(message).toMatch(`the kubeconfig ${file} cannot be used: `);
    expect(message).not.toContain(secret);
    expect(message).not.toMatch("\n");
  });

  it("a directory", async () => {
    const folder = temporaryFolder();
    expect(await versionSeen([folder])).toEqual({
      kind: "invalid-kubeconfig",
      message: `the kubeconfig ${folder} cannot be used: it is a directory`,
    });
  });

  it.skipIf(process.getuid?.() === 0)("one that may not be read is not passed over", async () => {
    const folder = temporaryFolder({ "a.config": "" });
    const file = join(folder, "a.config");
    chmodSync(file, 0o000);
    expect(await versionSeen([file, await cluster("v1.1")])).toMatchObject({
      kind: "invalid-kubeconfig",
      message: expect.stringMatching(/permission denied$/),
    });
  });
});

describe("who asks", () => {
  /** What the server is told of who asks, for a user of a kubeconfig. */
  async function authorizationOf(user: object | undefined, files: Record<string, string> = {}) {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization);
      response.end('{"gitVersion":"v1.1"}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close().closeAllConnections());
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
    const content = JSON.parse(kubeconfigFor(`http://127.0.0.1:${address.port}`, user));
    if (user === undefined) {
      content.users = null;
      content.contexts[0].context.user = "";
    }
    const folder = temporaryFolder({ "a.config": JSON.stringify(content), ...files });
    const reader = access().open([join(folder, "a.config")]);
    await Promise.all([reader.identity(), reader.identity()]);
    return { seen: new Set(seen), folder };
  }

  it("a token", async () => {
    expect((await authorizationOf({ token: "t" })).seen).toEqual(new Set(["Bearer t"]));
  });

  it("a token in a file, beside the kubeconfig, with a line end, goes before one in it", async () => {
    const { seen } = await authorizationOf({ token: "old", tokenFile: "token" }, { token: "t\n" });
    expect(seen).toEqual(new Set(["Bearer t"]));
  });

  it("a name and a password", async () => {
    const { seen } = await authorizationOf({ username: "u", password: "p" });
    expect(seen).toEqual(new Set([`Basic ${Buffer.from("u:p").toString("base64")}`]));
  });

  it("an exec plugin, which runs once for calls that begin together", async () => {
    const counter = join(temporaryFolder(), "runs");
    const answer = JSON.stringify({ kind: "ExecCredential", status: { token: "t" } });
    const { seen } = await authorizationOf({
      exec: { command: "sh", args: ["-c", `echo run >> ${counter}; echo '${answer}'`] },
    });
    expect(seen).toEqual(new Set(["Bearer t"]));
    expect(readFileSync(counter, "utf8")).toBe("run\n");
  });

  it("nobody, where the context names no user", async () => {
    expect((await authorizationOf(undefined)).seen).toEqual(new Set([undefined]));
  });
});

it("an exec plugin that never answers is slow", async () => {
  // The library never stops it; this one ends by itself when the test is long over.
  const user = { exec: { command: "sh", args: ["-c", "exec sleep 3"] } };
  const folder = temporaryFolder({ "a.config": kubeconfigFor("http://127.0.0.1:9", user) });
  expect(await versionSeen([join(folder, "a.config")], { limitMs: 200 })).toMatchObject({
    kind: "slow",
    message: expect.stringMatching(/: no answer within 0.2 s$/),
  });
});
