import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { daemonSet, helmRecord, node, service } from "../support/kubernetes-objects.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";
import { deployedBy } from "./support/cluster-behind.ts";
import { startNorth } from "./support/north.ts";
import { hasPseudoTerminal } from "./support/pseudo-terminal.ts";

// Gates are looked at by the real time, every other second.
vi.setConfig({ testTimeout: 30_000 });

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

/** helm's record of a release, and nothing of what its chart should have brought. */
const recordOnly = (release: string) => [helmRecord(release)];

/** The Service of the namespace of a release. */
const exporterOf = (release: string) => `${release.split("/")[0]}/statsd-exporter-prometheus`;

/** In the words of the gate. */
const shopsExporter = `the Service ${exporterOf("shop")} of shop/prometheus`;

/** The restore has a gate only behind what must be everywhere before anything else. */
const daemonSetFirst =
  "[{ name: daemonsets, releases: [toolhub/main], gate: wait }, { name: rest, class: other }, { name: support, class: support, gate: wait }]";

describe("a gate", () => {
  it("opens by what is there: the Services of its releases, with an address", async () => {
    const { handOff, run } = await startNorth(command);
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(0);
    expect(stderr).toContain("gate support open: 2 steps succeeded, 2 Services are there\n");
    expect(handOff.calls()).toEqual(["north"]);
  });

  it("whose Service never comes stays shut after the registry's gateSeconds, although helm succeeded", async () => {
    const { handOff, helmfile, run } = await startNorth(command, {
      brings: (release) => (release === "shop/prometheus" ? recordOnly(release) : deployedBy(release)),
      registry: { gateSeconds: "1" },
    });
    const { exitCode, stdout, stderr } = await run("restore", "--yes", "-o", "json");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(`gate support waits: ${shopsExporter} is not there\n`);
    expect(stderr).toContain(`gate support stays shut: not within 1 s: ${shopsExporter} is not there\n`);
    expect(JSON.parse(stdout)).toMatchObject({
      steps: [
        { outcome: { kind: "succeeded" } },
        { outcome: { kind: "succeeded" } },
        { outcome: { kind: "succeeded" } },
      ],
      commands: [
        {
          stage: "mediawiki",
          outcome: {
            kind: "blocked",
            reason: `the gate of support stayed shut: not within 1 s: ${shopsExporter} is not there`,
          },
        },
      ],
    });
    expect(helmfile.calls()).toHaveLength(3);
    expect(handOff.calls()).toEqual([]);
  });

  it.each([
    ["without an address", {}, "has no cluster IP yet"],
    ["that is headless", { clusterIP: "None" }, "is headless: containers get no variable of it"],
  ])("waits for a Service %s", async (_, spec, expected) => {
    const { handOff, run } = await startNorth(command, {
      brings: (release) => [helmRecord(release), { ...service(exporterOf(release)), spec }],
      registry: { gateSeconds: "1" },
    });
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `gate support waits: the Service ${exporterOf("mw-web")} of mw-web/prometheus ${expected}; ${shopsExporter} ${expected}\n`,
    );
    expect(stderr).toContain("gate support stays shut: not within 1 s: ");
    expect(handOff.calls()).toEqual([]);
  });

  it("waits until a new Service has been there for the settle time, and says so", async () => {
    const began = Date.parse("2026-01-01T00:00:00Z");
    let seconds = 0;
    const { helmfile, handOff, kubernetes, run } = await startNorth(command, {
      now: () => new Date(began + seconds * 1000),
      registry: { settleSeconds: "1" },
    });
    const looks = () =>
      kubernetes.calls().filter((call) => call.startsWith("/api/v1/namespaces/shop/services")).length;
    helmfile.hold("shop_prometheus");
    const ended = run("restore", "--yes");
    await helmfile.until("start shop_prometheus");
    const before = looks();
    await helmfile.release("shop_prometheus");
    await expect.poll(looks, { interval: 5, timeout: 20_000 }).toBeGreaterThan(before);
    seconds = 2;
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`; ${shopsExporter} is new: kubelets may not know of it for 1 s\n`);
    expect(stderr).toMatch(
      /gate support waits: [\s\S]*gate support open: 2 steps succeeded, 2 Services are there\n/,
    );
    expect(handOff.calls()).toEqual(["north"]);
  });

  it("opens although the API server answered with faults for a while", async () => {
    const { helmfile, handOff, kubernetes, run } = await startNorth(command);
    helmfile.hold("shop_prometheus");
    const ended = run("restore", "--yes");
    await helmfile.until("start shop_prometheus");
    // From now on only the gate and the preflight ask for these.
    kubernetes.answer("/api/v1/namespaces/shop/services", {
      ...{ kind: "status", status: 500, message: "etcdserver: leader changed" },
      times: 1,
    });
    await helmfile.release("shop_prometheus");
    const { exitCode, stderr } = await ended;
    expect(stderr).toMatch(
      /gate support waits: cannot read the Services of shop from .*: 500 .*: etcdserver: leader changed\n/,
    );
    expect(stderr).toContain("gate support open: 2 steps succeeded, 2 Services are there\n");
    expect(exitCode).toBe(0);
    expect(handOff.calls()).toEqual(["north"]);
  });

  it("that may not look stays shut: what is not seen is not taken for there", async () => {
    const { kubernetes, handOff, run } = await startNorth(command, { registry: { gateSeconds: "1" } });
    kubernetes.answer("/api/v1/namespaces/shop/services", { kind: "status", status: 403, message: "no" });
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/gate support stays shut: not within 1 s: cannot read the Services of shop .*403/);
    expect(handOff.calls()).toEqual([]);
  });

  it("with --skip-gate opens all the same, and says what is not there", async () => {
    const { run } = await startNorth(command, { brings: recordOnly });
    const { stderr } = await run("restore", "--yes", "--skip-gate", "support");
    // At once: nobody wants to wait for what is gone past anyway.
    expect(stderr).not.toContain("gate support waits");
    expect(stderr).toMatch(/gate support open: skipped: .* is not there; .* is not there\n/);
  });

  it("of an apply holds MediaWiki of its namespace until the Service is there", async () => {
    const { helmfile, run } = await startNorth(command, {
      brings: (release) => (release === "shop/prometheus" ? recordOnly(release) : deployedBy(release)),
      registry: { gateSeconds: "1" },
    });
    const { exitCode, stderr } = await run("apply", "--yes", "--with-mediawiki");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("gate apply:mw-web open: 1 step succeeded, 1 Service is there\n");
    expect(stderr).toContain(`gate apply:shop stays shut: not within 1 s: ${shopsExporter} is not there\n`);
    expect(helmfile.ends()).toContain("sync mw-web_main 0");
    expect(helmfile.calls().filter((call) => call.includes("name=main") && call.includes("shop"))).toEqual(
      [],
    );
  });

  it("without any way to the cluster stays shut at once, names --kubeconfig, and is opened by --skip-gate", async () => {
    const registry = { kubeconfig: "/nonexistent/config" };
    const { helmfile, run } = await startNorth(command, { registry });
    helmfile.answer("diff", "exit 2");
    const { exitCode, stderr } = await run("apply", "--yes", "--with-mediawiki");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "gate apply:shop stays shut: no kubeconfig to reach the cluster with: there is no /nonexistent/config; name one with --kubeconfig FILE\n",
    );
    expect(helmfile.ends().filter((end) => /^apply .*_main/.test(end))).toEqual([]);
    const skipping = await run("apply", "--yes", "--with-mediawiki", "--skip-gate", "apply");
    expect(skipping.exitCode).toBe(0);
    expect(helmfile.ends().filter((end) => /^apply .*_main/.test(end))).toHaveLength(2);
  });

  it("of a DaemonSet holds everything later while the cluster has no node that it matches", async () => {
    const { helmfile, run } = await startNorth(command, {
      brings: (release) =>
        release === "toolhub/main"
          ? [
              helmRecord(release),
              daemonSet("toolhub/agent", {
                release: "main",
                spec: { template: { spec: { nodeSelector: { disk: "ssd" } } } },
                status: { desiredNumberScheduled: 0, numberReady: 0, updatedNumberScheduled: 0 },
              }),
            ]
          : deployedBy(release),
      registry: { gateSeconds: "1", stages: daemonSetFirst },
    });
    const { exitCode, stderr } = await run("restore", "--yes");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "gate daemonsets stays shut: not within 1 s: the DaemonSet toolhub/agent wants no pod: the cluster has no node with disk=ssd that it matches\n",
    );
    expect(helmfile.ends()).toEqual(["sync toolhub 0"]);
  });

  it("of a DaemonSet opens when its pods are ready on every node", async () => {
    const agent = (numberReady: number) =>
      daemonSet("toolhub/agent", {
        release: "main",
        status: { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberReady },
      });
    const { helmfile, kubernetes, run } = await startNorth(command, {
      brings: (release) =>
        release === "toolhub/main" ? [helmRecord(release), agent(1)] : deployedBy(release),
      registry: { stages: daemonSetFirst },
    });
    const ended = run("restore", "--yes");
    await expect.poll(() => helmfile.ends(), { interval: 5, timeout: 20_000 }).toContain("sync toolhub 0");
    await expect
      .poll(() => kubernetes.calls().filter((call) => call.includes("daemonsets")).length, {
        interval: 5,
        timeout: 20_000,
      })
      .toBeGreaterThan(0);
    kubernetes.put(agent(2), node("node-2"));
    const { exitCode, stderr } = await ended;
    expect(exitCode).toBe(0);
    expect(stderr).toContain("gate daemonsets waits: the DaemonSet toolhub/agent has 1 of 2 pods ready\n");
    expect(stderr).toContain("gate daemonsets open: 1 step succeeded\n");
    expect(helmfile.ends()).toHaveLength(3);
  });
});

describe.skipIf(!hasPseudoTerminal)("on a terminal", () => {
  const enter = "\r";

  it("a gate that stays shut is looked at again where the operator says so, and nothing is deployed again", async () => {
    const { helmfile, kubernetes, operate } = await startNorth(command, {
      brings: (release) => (release === "shop/prometheus" ? recordOnly(release) : deployedBy(release)),
      registry: { gateSeconds: "1" },
    });
    const { sees, types, ended, screen } = operate("restore");
    await sees("restore north?");
    types(`y${enter}`);
    const question = `the gate of support stays shut (not within 1 s: ${shopsExporter} is not there):`;
    await sees(question);
    types(`r${enter}`);
    await sees(`gate support: ${shopsExporter} is not there`);
    const before = screen().length;
    await expect.poll(() => screen().slice(before), { timeout: 8_000 }).toContain(`? ${question}`);
    kubernetes.put(service(exporterOf("shop")));
    types(`r${enter}`);
    await sees("go on with stage priority (1 step)?");
    types(`q${enter}`);
    expect((await ended).exitCode).toBe(1);
    expect(helmfile.ends().sort()).toEqual(["sync mw-web_prometheus 0", "sync shop_prometheus 0"]);
  });

  it("a gate that stays shut may be gone past", async () => {
    const { operate } = await startNorth(command, { brings: recordOnly, registry: { gateSeconds: "1" } });
    const { sees, types, ended } = operate("restore");
    await sees("restore north?");
    types(`y${enter}`);
    await sees("the gate of support stays shut");
    types(`g${enter}`);
    await sees("go on with stage priority (1 step)?");
    types(`q${enter}`);
    expect((await ended).exitCode).toBe(1);
  });
});
