import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { releaseId } from "../../src/core/common/release.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import { type ClusterOptions, createWorld } from "../../src/simulation/cluster.ts";
import { wikimediaModel } from "../../src/simulation/wikimedia-model.ts";
import { eqiad } from "./support/eqiad.ts";
import {
  exporter,
  fixedModel,
  mwWeb,
  release,
  script,
  treeOf,
  variable,
  web,
  withOverride,
} from "./support/small-cluster.ts";

function cluster(options: Partial<ClusterOptions> = {}) {
  const clock = virtualClock();
  return { clock, cluster: createWorld({ tree: mwWeb, clock, model: fixedModel, ...options }).cluster };
}

const atomicMessage =
  "release main failed, and has been uninstalled due to atomic being set: context deadline exceeded";

describe("MediaWiki alone on an empty cluster (T397685)", () => {
  it("fails after helm's ten minutes, and atomic removes it", async () => {
    const { cluster: mw } = cluster();
    const [deployed] = await mw.deploy([web]);
    expect(deployed?.outcome).toMatchObject({ kind: "failed", message: atomicMessage });
    // 2 s of helm's own work, 600 s of waiting, 1 to 3 s to remove it.
    expect(deployed?.outcome.durationMs).toBeGreaterThanOrEqual(603_000);
    expect(deployed?.outcome.durationMs).toBeLessThanOrEqual(605_000);
    expect([mw.status(web), mw.containers()]).toEqual(["absent", []]);
  });

  it("leaves the evidence that helm removes: pods, crashes, variable, Service and times", async () => {
    const { cluster: mw } = cluster();
    await mw.deploy([web]);
    expect(mw.crashes()).toEqual([
      {
        release: web,
        pods: [
          { name: expect.stringMatching(/^mediawiki-main-[a-z0-9]{9}-[a-z0-9]{5}$/), crashes: 6 },
          { name: expect.stringMatching(/^mediawiki-main-[a-z0-9]{9}-[a-z0-9]{5}$/), crashes: 6 },
        ],
        crashes: 12,
        variable,
        service: "statsd-exporter-prometheus",
        firstAt: 3000,
        lastAt: 313_000,
      },
    ]);
  });

  it("gives pods of one release different names, and those of a later try others", async () => {
    const { cluster: mw } = cluster();
    await mw.deploy([web]);
    await mw.deploy([web]);
    const names = mw.crashes().flatMap(({ pods }) => pods.map(({ name }) => name));
    expect(new Set(names).size).toBe(4);
  });

  it("stays behind as failed, still crash-looping, where it is not atomic", async () => {
    const tree = treeOf(release(web, "mediawiki", { atomic: false, timeout: 60 }));
    const { cluster: mw } = cluster({ tree });
    const [deployed] = await mw.deploy([web]);
    expect(deployed?.outcome).toEqual({
      kind: "failed",
      durationMs: 62_000,
      message: "context deadline exceeded",
    });
    expect([mw.status(web), mw.containers(web).map(({ state }) => state)]).toEqual([
      "failed",
      ["back-off", "back-off"],
    ]);
  });

  it("comes up by itself, where it stayed behind, after its support release", async () => {
    const tree = treeOf(
      release(exporter, "statsd-exporter"),
      release(web, "mediawiki", { atomic: false, timeout: 60 }),
    );
    const { cluster: mw } = cluster({ tree });
    await mw.deploy([web]);
    const pods = mw.containers(web);
    await mw.deploy([exporter]);
    const [again] = await mw.deploy([web]);
    expect([again?.outcome.kind, mw.status(web)]).toEqual(["deployed", "deployed"]);
    expect(mw.containers(web)).toEqual(pods);
  });
});

describe("MediaWiki and its support release", () => {
  it("come up without a crash one after the other", async () => {
    const { cluster: mw } = cluster();
    await mw.deploy([exporter]);
    const [deployed] = await mw.deploy([web]);
    expect(deployed?.outcome).toEqual({ kind: "deployed", durationMs: 8000 });
    expect(mw.crashes()).toEqual([]);
    expect(mw.services("mw-web")).toMatchObject([
      { name: "statsd-exporter-prometheus", release: exporter, createdAt: 2000, knownAt: 5000 },
    ]);
  });

  it("come up side by side only when a restart finds the Service", async () => {
    // Hand-over at 2 s; first start and crash at 3 s; the Service at 5 s; second start at 13 s; ready at 18 s.
    const { cluster: mw } = cluster();
    const [, deployed] = await mw.deploy([exporter, web]);
    expect(deployed?.outcome).toEqual({ kind: "deployed", durationMs: 18_000 });
    expect(mw.crashes()).toMatchObject([{ release: web, crashes: 2, firstAt: 3000, lastAt: 3000 }]);
  });

  it("crash more often the later the Service is there", async () => {
    const late = withOverride({ name: "prometheus", model: { serviceDelayMs: [60_000, 60_000] } });
    const { cluster: mw } = cluster({ model: late });
    const [, deployed] = await mw.deploy([exporter, web]);
    // Starts at 3, 13, 33 and 73 s; the Service comes at 62 s.
    expect(deployed?.outcome).toEqual({ kind: "deployed", durationMs: 78_000 });
    expect(mw.crashes()).toMatchObject([{ release: web, crashes: 6, lastAt: 33_000 }]);
  });

  it("do not crash side by side where the containers happen to start after the Service", async () => {
    const slow = withOverride({ name: "main", model: { startDelayMs: [4000, 4000] } });
    const { cluster: mw } = cluster({ model: slow });
    await mw.deploy([exporter, web]);
    expect(mw.crashes()).toEqual([]);
  });
});

describe("command-line jobs", () => {
  const provider = releaseId("mw-cron", "prometheus");
  const tree = treeOf(release(provider, "statsd-exporter"), release(script, "mediawiki"));

  it("are not waited for, and run on without the variable until they are restarted", async () => {
    const { clock, cluster: mw } = cluster({ tree });
    const [, deployed] = await mw.deploy([provider, script]);
    await clock.sleep(60_000);
    expect(deployed?.outcome).toEqual({ kind: "deployed", durationMs: 2000 });
    expect(mw.crashes()).toEqual([]);
    expect(mw.runningWithout()).toEqual([
      {
        release: script,
        namespace: "mw-cron",
        variable,
        service: "statsd-exporter-prometheus",
        pods: mw.containers(script).map(({ pod }) => pod),
        since: 3000,
      },
    ]);
    mw.restart(script);
    expect(mw.runningWithout()).toEqual([]);
  });

  it("have the variable where the Service was there first", async () => {
    const { clock, cluster: mw } = cluster({ tree });
    await mw.deploy([provider]);
    await mw.deploy([script]);
    await clock.sleep(60_000);
    expect(mw.runningWithout()).toEqual([]);
  });
});

describe("the cluster", () => {
  it("forgets the Services of a release that is uninstalled", async () => {
    const { cluster: mw } = cluster();
    await mw.deploy([exporter]);
    await mw.uninstall(exporter);
    expect([mw.services("mw-web"), mw.status(exporter)]).toEqual([[], "absent"]);
  });

  it("names the release that would provide a Service, but none that does not belong here", () => {
    const tree = treeOf(
      release(exporter, "statsd-exporter"),
      release(releaseId("mw-debug", "prometheus"), "statsd-exporter", { installed: false }),
    );
    const { cluster: mw } = cluster({ tree });
    expect(mw.providerOf("mw-web", "statsd-exporter-prometheus")).toBe(exporter);
    expect(mw.providerOf("mw-web", "statsd-exporter-main")).toBeUndefined();
    expect(mw.providerOf("mw-debug", "statsd-exporter-prometheus")).toBeUndefined();
  });

  it("refuses to deploy what its tree does not have", async () => {
    const { cluster: mw } = cluster();
    const deployed = mw.deploy([releaseId("mw-web", "nothing")]);
    await expect(deployed).rejects.toThrow("the tree has no release mw-web/nothing");
  });

  it("does not touch a release that another helm is at work on", async () => {
    const { cluster: mw } = cluster();
    const [first, second] = await Promise.all([mw.deploy([exporter]), mw.deploy([exporter])]);
    expect([first[0]?.outcome.kind, second[0]?.outcome]).toEqual([
      "deployed",
      {
        kind: "failed",
        durationMs: expect.any(Number),
        message: "UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress",
      },
    ]);
  });
});

describe("helm that is stopped", () => {
  it("takes back a Service that was still on its way", async () => {
    const { clock, cluster: mw } = cluster();
    const controller = new AbortController();
    clock.after(2500, () => controller.abort());
    const [deployed] = await mw.deploy([exporter], controller.signal);
    expect(deployed?.outcome.kind).toBe("stopped");
    await clock.sleep(60_000);
    expect(mw.services("mw-web")).toEqual([]);
  });

  it("does not wait for the end of what it was at", async () => {
    const { clock, cluster: mw } = cluster({ model: withOverride({ model: { helmMs: [50_000, 50_000] } }) });
    const controller = new AbortController();
    clock.after(1000, () => controller.abort());
    await mw.deploy([exporter], controller.signal);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(clock.now()).toBeLessThan(5000);
  });
});

describe("the seed", () => {
  const tree = eqiad();
  const ids = tree.services
    .flatMap(({ releases }) => releases)
    .filter(({ installed, namespace }) => installed && namespace.startsWith("mw-"))
    .map(({ id }) => id);

  async function play(seed: number, order: readonly (typeof ids)[number][]) {
    const { clock, cluster: mw } = cluster({ tree, model: wikimediaModel, seed });
    const deployed = await mw.deploy(order);
    await clock.sleep(60_000);
    const byRelease = (one: { release: string }, other: { release: string }) =>
      one.release.localeCompare(other.release);
    return {
      deployed: [...deployed].sort(byRelease),
      crashes: mw
        .crashes()
        .map((record) => ({ ...record, pods: [...record.pods].sort((a, b) => a.name.localeCompare(b.name)) }))
        .sort(byRelease),
      silent: [...mw.runningWithout()].sort(byRelease),
    };
  }

  it("alone decides what happens, whatever the order in which releases are named", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.shuffledSubarray(ids, { minLength: ids.length, maxLength: ids.length }),
        async (seed, shuffled) => {
          expect(await play(seed, shuffled)).toEqual(await play(seed, ids));
        },
      ),
      { numRuns: 10 },
    );
  });

  it("lets some containers lose the race against the Service, and others win it", async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { crashes, deployed } = await play(seed, ids);
      expect(deployed.every(({ outcome }) => outcome.kind === "deployed")).toBe(true);
      expect(crashes.length).toBeGreaterThan(0);
      expect(crashes.length).toBeLessThan(27);
    }
    expect(await play(1, ids)).not.toEqual(await play(2, ids));
  });
});
