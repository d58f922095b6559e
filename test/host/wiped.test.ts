import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { kubeconfigFor } from "../support/fake-kubernetes.ts";
import type { Manner } from "../support/fake-manner.ts";
import { helmRecord, namespace, node, pod } from "../support/kubernetes-objects.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";
import type { startNorth as StartNorth } from "./support/north.ts";
import { hasPseudoTerminal } from "./support/pseudo-terminal.ts";

vi.setConfig({ testTimeout: 30_000 });

/** How long a call to the cluster may take, in milliseconds; undefined for as long as always. */
const limit: { ms: number | undefined } = { ms: undefined };

let command: BuiltCommand;
let startNorth: typeof StartNorth;
beforeAll(async () => {
  vi.resetModules();
  vi.doMock(import("../../src/io/cluster-access.ts"), async (original) => {
    const { clusterAccess, ...rest } = await original();
    return { ...rest, clusterAccess: (options) => clusterAccess({ ...options, limitMs: limit.ms }) };
  });
  ({ startNorth } = await import("./support/north.ts"));
  command = await buildCommand();
});
afterEach(() => {
  limit.ms = undefined;
});
afterAll(() => {
  vi.doUnmock("../../src/io/cluster-access.ts");
  vi.resetModules();
  command.remove();
});

/** A kubeconfig that leads to where nobody listens. */
function away(): string {
  return join(temporaryFolder({ "away.config": kubeconfigFor("http://127.0.0.1:1") }), "away.config");
}

/** A cluster that somebody uses. */
const inUse = { objects: [pod("kube-system/coredns-1"), pod("shop/main-1"), pod("shop/main-2")] };

describe("a restore", () => {
  it("tells which cluster it is and what is there, and goes on where all pods are in system namespaces", async () => {
    const objects = [
      ...[pod("kube-system/coredns-1"), pod("istio-system/ingress-1"), pod("istio-system/ingress-2")],
      ...[namespace("toolhub"), helmRecord("toolhub/main", "failed"), node("node-2", false)],
    ];
    const { kubernetes, handOff, run } = await startNorth(command, { objects });
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(stderr).toContain(`cluster: ${kubernetes.url}, Kubernetes v1.31.4
nodes: 2 nodes, 1 ready
namespaces: 3
pods in system namespaces: 3
pods in others: none
helm releases: 1 (toolhub/main failed)
warning: 2 namespaces of the plan are not there, and with createNamespace: false helm does not make them: mw-web, shop
  to do: set up the cluster's own services first, which bring namespaces (at Wikimedia helmfile.d/admin_ng)
the cluster of north is wiped: its only pods are in system namespaces
`);
    expect(exitCode).toBe(0);
    expect(handOff.calls()).toEqual(["north"]);
  });

  it("that meets pods anywhere else, and no terminal, is refused with exit code 2, also with --yes", async () => {
    const { kubernetes, helmfile, run } = await startNorth(command, inUse);
    const { exitCode, stderr } = await run("restore", "--yes");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: `cluster: ${kubernetes.url}, Kubernetes v1.31.4
nodes: 1 node, 1 ready
namespaces: 2
pods in system namespaces: 1
pods in others: 2 (shop 2)
helm releases: none
warning: 2 namespaces of the plan are not there, and with createNamespace: false helm does not make them: mw-web, toolhub
  to do: set up the cluster's own services first, which bring namespaces (at Wikimedia helmfile.d/admin_ng)
the cluster of north is not wiped: there are pods in 1 other namespace

nothing was deployed: north is in use, and there is no terminal to type its name on: to go on all the same, give --not-wiped north
`,
    });
    expect(helmfile.calls()).toEqual([]);
  });

  it("names the namespaces that are not there before its question, from the one list of them", async () => {
    const objects = ["mw-web", "toolhub"].map((name) => namespace(name));
    const { kubernetes, run } = await startNorth(command, { objects });
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^warning: 1 namespace of the plan is not there, and with createNamespace: false helm does not make it: shop\n {2}to do: .*admin_ng\)\nthe cluster of north is wiped/m,
    );
    expect(stderr.match(/not there, and with/g)).toHaveLength(1);
    expect(kubernetes.calls().filter((call) => /^\/api\/v1\/namespaces(\?|$)/.test(call))).toHaveLength(1);
  });

  it("says nothing of namespaces where all are there", async () => {
    const objects = ["mw-web", "shop", "toolhub"].map((name) => namespace(name));
    const { run } = await startNorth(command, { objects });
    expect((await run("restore", "--yes")).stderr).not.toContain("helm does not make");
  });

  it("counts what is in several namespaces, and names the first of them", async () => {
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const { run } = await startNorth(command, {
      objects: names.flatMap((name) => [pod(`${name}/one`), pod(`${name}/two`), helmRecord(`${name}/main`)]),
    });
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("pods in others: 16 (a 2, b 2, c 2, d 2, e 2, f 2 and 2 more)\n");
    expect(stderr).toMatch(/^helm releases: 8 \(a\/main, .*, f\/main and 2 more\)$/m);
    expect(stderr).toContain("is not wiped: there are pods in 8 other namespaces\n");
  });

  it("goes on with --not-wiped and the name of its environment", async () => {
    const { handOff, run } = await startNorth(command, inUse);
    const { exitCode, stderr } = await run("restore", "--yes", "--not-wiped", "north");
    expect(stderr).toContain("the cluster of north is not wiped: there are pods in 1 other namespace\n");
    expect(exitCode).toBe(0);
    expect(handOff.calls()).toEqual(["north"]);
  });

  it("with --not-wiped and another name is refused, and does not even look", async () => {
    for (const objects of [[], inUse.objects]) {
      const { kubernetes, helmfile, run } = await startNorth(command, { objects });
      expect(await run("restore", "--yes", "--not-wiped", "south")).toMatchObject({
        exitCode: 2,
        stderr: "nothing was deployed: --not-wiped names south, and this is about north\n",
      });
      expect(kubernetes.calls()).toEqual([]);
      expect(helmfile.calls()).toEqual([]);
    }
  });

  it("takes namespaces for the system's as the registry says", async () => {
    const objects = [pod("shop/main-1"), pod("monitoring/agent-1")];
    const own = await startNorth(command, { objects, registry: { systemNamespaces: "[shop, monitoring]" } });
    expect((await own.run("restore", "--yes")).exitCode).toBe(0);
    const other = await startNorth(command, {
      objects: [pod("kube-system/coredns-1")],
      registry: { systemNamespaces: "[monitoring]" },
    });
    const { exitCode, stderr } = await other.run("restore", "--yes");
    expect(exitCode).toBe(2);
    expect(stderr).toContain("pods in others: 1 (kube-system 1)\n");
  });

  it("looks with the kubeconfig that may read all, else with the one that deploys", async () => {
    for (const registry of [
      { kubeconfig: away() },
      { readKubeconfig: '"/nonexistent/{environment}.config"' },
    ]) {
      const { run, kubernetes } = await startNorth(command, { ...inUse, registry });
      const { exitCode, stderr } = await run("restore", "--yes");
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`cluster: ${kubernetes.url}, Kubernetes v1.31.4\n`);
    }
  });

  it("does not look with --dry_run", async () => {
    const { kubernetes, helmfile, run } = await startNorth(command, inUse);
    expect(await run("restore", "--dry_run")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(kubernetes.calls()).toEqual([]);
    expect(helmfile.calls()).toEqual([]);
  });
});

describe("what could not be found out is never taken for a wiped cluster", () => {
  const throttled: Manner = { kind: "status", status: 429, message: "try again later", retryAfter: 5 };

  it.each<[string, Manner, string]>([
    [
      "forbidden",
      { kind: "status", status: 403, message: "pods is forbidden" },
      "403 Forbidden: pods is forb",
    ],
    ["without a login", { kind: "status", status: 401, message: "Unauthorized" }, "401 Unauthorized"],
    ["throttled for ever", throttled, "429 Too Many Requests: try again later"],
    [
      "answered by a fault",
      { kind: "status", status: 500, message: "etcd" },
      "500 Internal Server Error: etcd",
    ],
    ["answered by something else", { kind: "text", text: "<html>" }, "an answer that is no JSON"],
    ["cut off", { kind: "break" }, "the connection broke off"],
    ["never answered", { kind: "never" }, "no answer within 2 s"],
  ])("pods %s: exit code 3", async (_, manner, expected) => {
    limit.ms = 2_000;
    const { kubernetes, helmfile, run } = await startNorth(command);
    kubernetes.answer("/api/v1/pods", manner);
    const { exitCode, stderr } = await run("restore", "--yes", "--not-wiped", "north");
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^whether the cluster of north is wiped could not be found out: cannot read /);
    expect(stderr).toContain(expected);
    expect(stderr).toMatch(/\nnothing was deployed\n$/);
    expect(stderr).not.toContain("is wiped: ");
    expect(helmfile.calls()).toEqual([]);
  });

  it("a server that is away: exit code 3", async () => {
    const { helmfile, run } = await startNorth(command);
    const { exitCode, stderr } = await run("restore", "--yes", "--kubeconfig", away());
    expect(exitCode).toBe(3);
    expect(stderr).toContain("from http://127.0.0.1:1: connection refused\nnothing was deployed\n");
    expect(helmfile.calls()).toEqual([]);
  });

  it("no kubeconfig at all: exit code 3, and what was tried", async () => {
    const registry = { kubeconfig: "/nonexistent/config", readKubeconfig: "/nonexistent/config" };
    const { helmfile, run } = await startNorth(command, { registry });
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(3);
    expect(stderr).toContain(
      "no kubeconfig to reach the cluster with: there is no /nonexistent/config; name",
    );
    expect(helmfile.calls()).toEqual([]);
  });

  it("a kubeconfig that the operator names and that is not there: exit code 2, and nothing is begun", async () => {
    const { helmfile, run } = await startNorth(command);
    const { exitCode, stderr } = await run("restore", "--yes", "--kubeconfig", "/nonexistent/config");
    expect({ exitCode, stderr }).toEqual({
      exitCode: 2,
      stderr: "--kubeconfig: there is no /nonexistent/config\n",
    });
    expect(helmfile.calls()).toEqual([]);
  });

  it("Secrets, Nodes and Namespaces that may not be read are told, and the restore goes on", async () => {
    const { kubernetes, handOff, run } = await startNorth(command);
    const forbidden = { kind: "status", status: 403, message: "not for you" } as const;
    // Only those of all namespaces at once.
    kubernetes.answer(/^\/api\/v1\/(secrets|nodes|namespaces)(\?|$)/, forbidden);
    const { exitCode, stderr } = await run("restore", "--yes");
    for (const what of ["nodes", "namespaces", "helm releases"]) {
      expect(stderr).toMatch(
        new RegExp(`^${what}: not known: cannot read .*403 Forbidden: not for you$`, "m"),
      );
    }
    expect(stderr).toContain("the cluster of north is wiped: its only pods are in system namespaces\n");
    expect(exitCode).toBe(0);
    expect(handOff.calls()).toEqual(["north"]);
  });
});

describe.skipIf(!hasPseudoTerminal)("on a terminal", () => {
  const question = "to go on with north all the same, type its name:";
  const enter = "\r";

  it("the name must be typed, and then come the ordinary questions", async () => {
    const { helmfile, operate } = await startNorth(command, inUse);
    const { sees, types, ended, screen } = operate("restore");
    await sees(question);
    expect(screen()).toContain("pods in others: 2 (shop 2)");
    expect(screen()).not.toContain("restore north?");
    types(`north${enter}`);
    await sees("restore north?");
    expect(helmfile.calls()).toEqual([]);
    types(`n${enter}`);
    expect((await ended).exitCode).toBe(1);
    expect(helmfile.calls()).toEqual([]);
  });

  it("--yes does not answer it, and answers the others", async () => {
    const { handOff, operate } = await startNorth(command, inUse);
    const { sees, types, ended } = operate("restore", "--yes");
    await sees(question);
    types(`north${enter}`);
    expect((await ended).exitCode).toBe(0);
    expect(handOff.calls()).toEqual(["north"]);
  });

  it.each([
    ["another name", "south", '"south" is not its name'],
    ["a yes", "y", '"y" is not its name'],
    ["the name in capitals", "NORTH", '"NORTH" is not its name'],
    ["nothing", "", "its name was not typed"],
  ])("%s is refused with exit code 2", async (_, typed, why) => {
    const { helmfile, operate } = await startNorth(command, inUse);
    const { sees, types, ended, screen } = operate("restore");
    await sees(question);
    types(`${typed}${enter}`);
    expect(await ended).toEqual({ exitCode: 2, echoBefore: true, echoAfter: true });
    expect(screen()).toContain(`nothing was deployed: north is in use, and ${why}`);
    expect(helmfile.calls()).toEqual([]);
  });

  it.each([
    ["Ctrl-C", "\x03"],
    ["Ctrl-D", "\x04"],
  ])("%s ends it with exit code 130", async (_, key) => {
    const { helmfile, operate } = await startNorth(command, inUse);
    const { sees, types, ended } = operate("restore");
    await sees(question);
    types(key);
    expect(await ended).toEqual({ exitCode: 130, echoBefore: true, echoAfter: true });
    expect(helmfile.calls()).toEqual([]);
  });
});
