import { describe, expect, it } from "vitest";
import type { DaemonSetFacts, ServiceFacts } from "../../src/core/cluster/cluster-reader.ts";
import type { Plan } from "../../src/core/plan/plan.ts";
import { lookAtGate } from "../../src/core/rollout/gate-on-cluster.ts";
import { FakeCluster } from "../support/fake-cluster.ts";
import { plan as planOf, step } from "../support/plan.ts";

const gate = { id: "support", stage: "support", steps: ["mw-web/prometheus", "mw-mcrouter"] };

const plan: Plan = {
  ...planOf(
    [
      step("mw-web/prometheus", [], { releases: ["mw-web/prometheus"], kubeconfig: "/etc/web.config" }),
      step("mw-mcrouter", [], { releases: ["mw-mcrouter/main"] }),
    ],
    { gates: [gate] },
  ),
  cluster: { kubeconfig: "/etc/{namespace}-eqiad.config", systemNamespaces: [] },
  provides: [
    { namespace: "mw-web", service: "statsd", release: "mw-web/prometheus", step: "mw-web/prometheus" },
    { namespace: "mw-cron", service: "statsd", release: "mw-cron/prometheus" },
  ],
};

it("names five of the reasons for which a gate stays shut, and counts the rest", async () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"];
  const many: Plan = {
    ...plan,
    provides: names.map((service) => ({
      ...{ namespace: "mw-web", service, release: "mw-web/prometheus", step: "mw-web/prometheus" },
    })),
  };
  const { reason } = await lookAtGate(gate, {
    ...{ plan: many, outcomes: done, openCluster: cluster().open },
    ...{ waitedSeconds: 0, settleSeconds: 5, gateSeconds: 300 },
  });
  expect(reason).toMatch(/; and 2 more/);
});

const done = { "mw-web/prometheus": "succeeded", "mw-mcrouter": "skipped" } as const;
const statsd: ServiceFacts = { name: "statsd", clusterIp: "10.96.0.7", createdAt: 0 };
const mcrouter: DaemonSetFacts = {
  name: "mcrouter",
  release: "main",
  generation: 2,
  observedGeneration: 2,
  desired: 5,
  ready: 5,
  updated: 5,
  nodeSelector: [],
};

/** A cluster in which everything is as it should be, but for what the test says; an hour after it was made. */
function cluster(service: Partial<ServiceFacts> | undefined = {}, daemonSet: Partial<DaemonSetFacts> = {}) {
  const found = new FakeCluster({
    "mw-web": { services: service ? [{ ...statsd, ...service }] : [] },
    "mw-mcrouter": { daemonSets: [{ ...mcrouter, ...daemonSet }] },
  });
  found.now = 3_600_000;
  return found;
}

function look(
  at: FakeCluster,
  options: { waitedSeconds?: number; outcomes?: Record<string, "failed"> } = {},
) {
  return lookAtGate(gate, {
    plan,
    outcomes: { ...done, ...options.outcomes },
    openCluster: at.open,
    waitedSeconds: options.waitedSeconds ?? 0,
    settleSeconds: 5,
    gateSeconds: 300,
  });
}

describe("a gate", () => {
  it("is open when the Services and DaemonSets of its releases are there; it asks for nothing else", async () => {
    const at = cluster();
    expect(await look(at)).toEqual({ open: true, reason: "2 steps succeeded, 1 Service is there" });
    expect(at.opened).toEqual([
      ["/etc/mw-web-eqiad.config", "/etc/web.config"],
      ["/etc/mw-mcrouter-eqiad.config"],
    ]);
    expect(at.asked.sort()).toEqual(["daemonSets mw-mcrouter", "daemonSets mw-web", "services mw-web"]);
  });

  it("stays shut where a step failed, without a look at the cluster", async () => {
    const at = cluster();
    expect(await look(at, { outcomes: { "mw-mcrouter": "failed" } })).toEqual({
      open: false,
      reason: "mw-mcrouter failed",
    });
    expect(at.asked).toEqual([]);
  });

  it.each([
    ["is not there", undefined, 2],
    ["has no cluster IP yet", { clusterIp: undefined }, 2],
    ["is headless: containers get no variable of it", { clusterIp: "None" }, 2],
    ["is new: kubelets may not know of it for 5 s", { createdAt: 3_596_000 }, 2],
    ["is new: kubelets may not know of it for 5 s", { createdAt: 3_600_000 }, 2],
    // What is minutes old is not new.
    ["has been seen for less than 5 s, and the cluster's clock may be ahead", { createdAt: 3_594_000 }, 2],
    ["has been seen for less than 5 s, and the cluster's clock may be ahead", { createdAt: 3_300_000 }, 2],
    // The clock of the cluster may have been set back.
    ["is new: kubelets may not know of it for 5 s", { createdAt: 3_700_000 }, 2],
  ] as const)("waits while a Service %s (%j)", async (what, service, againInSeconds) => {
    const { clusterIp, ...rest } = { ...statsd, ...service };
    const at = cluster();
    at.contents.set("mw-web", {
      services: service === undefined ? [] : [clusterIp === undefined ? rest : { ...rest, clusterIp }],
    });
    const judged = await look(at);
    expect(judged).toMatchObject({
      open: false,
      reason: `the Service mw-web/statsd of mw-web/prometheus ${what}`,
    });
    expect(judged.againInSeconds).toBeCloseTo(againInSeconds);
  });

  it.each([
    ["is open when a young Service has settled by the cluster's clock and by ours", 6, 5, true],
    ["stays shut while it is young by the cluster's clock, whose seconds are whole", 5, 5, false],
    ["stays shut while it was not waited for, as the clock of the cluster may be ahead", 65, 0, false],
    ["is open at once where the Service has long been there", 601, 0, true],
    ["does not wait for ever for a clock of the cluster that is behind", -60, 65, true],
    ["waits for such a clock a while", -60, 64, false],
  ])("%s", async (_, age, waitedSeconds, open) => {
    const at = cluster({ createdAt: 3_600_000 - age * 1000 });
    expect((await look(at, { waitedSeconds })).open).toBe(open);
  });

  it.each([
    ["forbidden", 9, 2],
    ["forbidden", 10, undefined],
    ["unauthorized", 10, undefined],
    ["untrusted", 10, undefined],
    ["throttled", 10, 2],
    ["cancelled", 0, undefined],
    ["invalid-kubeconfig", 0, undefined],
  ] as const)("looks again at what is %s after %i s: %s", async (kind, waitedSeconds, again) => {
    const at = cluster();
    at.fail("services", { with: { kind, message: "no" } });
    expect((await look(at, { waitedSeconds })).againInSeconds).toBe(again);
  });

  it.each([
    ["is not yet seen by its controller in its newest form", { observedGeneration: 1 }],
    ["wants no pod: the cluster has no node that it matches", { desired: 0, ready: 0, updated: 0 }],
    [
      "wants no pod: the cluster has no node with disk=ssd, zone=a that it matches",
      { desired: 0, ready: 0, updated: 0, nodeSelector: ["disk=ssd", "zone=a"] },
    ],
    ["has 3 of 5 pods in its newest form", { updated: 3 }],
    ["has 4 of 5 pods ready", { ready: 4 }],
  ])("waits while a DaemonSet %s", async (what, daemonSet) => {
    expect(await look(cluster({}, daemonSet))).toEqual({
      open: false,
      reason: `the DaemonSet mw-mcrouter/mcrouter ${what}`,
      againInSeconds: 2,
    });
  });

  it("judges the Service of that name, whichever others the namespace has", async () => {
    const at = cluster();
    const others: ServiceFacts[] = [
      { name: "new", clusterIp: "10.96.0.8", createdAt: 3_600_000 },
      { name: "headless", clusterIp: "None", createdAt: 0 },
    ];
    at.contents.set("mw-web", { services: [...others, statsd] });
    expect((await look(at)).open).toBe(true);
    at.contents.set("mw-web", { services: [{ ...statsd, name: "statsd-2" }] });
    expect((await look(at)).reason).toBe("the Service mw-web/statsd of mw-web/prometheus is not there");
  });

  it("does not care for DaemonSets of other releases of the namespace", async () => {
    expect(await look(cluster({}, { release: "other", ready: 0 }))).toMatchObject({ open: true });
  });

  it("stays shut after its time, and says what was missing", async () => {
    const at = cluster({}, { ready: 4 });
    at.contents.set("mw-web", {});
    expect(await look(at, { waitedSeconds: 299 })).toMatchObject({ open: false, againInSeconds: 1 });
    expect(await look(at, { waitedSeconds: 300 })).toEqual({
      open: false,
      reason:
        "not within 300 s: the Service mw-web/statsd of mw-web/prometheus is not there; the DaemonSet mw-mcrouter/mcrouter has 4 of 5 pods ready",
    });
  });

  it("waits where the cluster does not answer, and never takes that for an answer", async () => {
    const at = cluster();
    at.fail("services", { with: { kind: "unreachable", message: "no connection" } });
    expect(await look(at)).toEqual({ open: false, reason: "no connection", againInSeconds: 2 });
    expect(await look(at, { waitedSeconds: 301 })).toEqual({
      open: false,
      reason: "not within 300 s: no connection",
    });
  });

  it("stays shut at once where nothing leads to the cluster", async () => {
    const at = cluster();
    at.fail("daemonSets", { with: { kind: "no-kubeconfig", message: "no kubeconfig" } });
    expect(await look(at)).toEqual({ open: false, reason: "no kubeconfig" });
  });
});
