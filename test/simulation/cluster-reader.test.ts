import { describe, expect, it } from "vitest";
import type { ClusterFailure } from "../../src/core/cluster/cluster-failure.ts";
import type { ClusterReader } from "../../src/core/cluster/cluster-reader.ts";
import { releaseId } from "../../src/core/common/release.ts";
import { type SimulatedBackendOptions, simulatedBackend } from "../../src/simulation/backend.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import { answerOf } from "./support/answer-of.ts";
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

function backend(options: Partial<SimulatedBackendOptions> = {}) {
  const clock = virtualClock();
  const mw = simulatedBackend({ tree: mwWeb, clock, model: fixedModel, ...options });
  return { clock, mw, reader: mw.reader };
}

async function seen(reader: ClusterReader) {
  const { services } = await answerOf(reader.services("mw-web"));
  const pods = (await answerOf(reader.pods("mw-web"))).filter((pod) => pod.release === "main");
  return {
    releases: (await answerOf(reader.releases())).map(({ name, status }) => `${name} ${status}`),
    services: services.map(({ createdAt }) => createdAt),
    states: pods.map(({ containers }) => containers.map(({ state }) => state)),
  };
}

describe("a simulated cluster that is looked at", () => {
  it("says which it is, and has the namespaces of its tree", async () => {
    const tree = treeOf(
      release(web, "mediawiki"),
      release(exporter, "statsd-exporter"),
      release(script, "x"),
    );
    const { reader } = backend({ tree });
    expect(await answerOf(reader.identity())).toEqual({
      server: "simulated://eqiad",
      version: "simulated",
      nodes: { ok: true, value: { total: 12, ready: 12 } },
    });
    expect(await answerOf(reader.namespaces())).toEqual(["mw-cron", "mw-web"]);
    expect(await answerOf(reader.hasNamespace("mw-web"))).toBe(true);
    expect(await answerOf(reader.hasNamespace("mw-api"))).toBe(false);
  });

  it("is empty before a rollout", async () => {
    const { reader } = backend();
    expect(await answerOf(reader.podCounts())).toEqual(new Map());
    expect(await answerOf(reader.services("mw-web"))).toEqual({ now: 0, services: [] });
    expect(await seen(reader)).toEqual({ releases: [], services: [], states: [] });
  });

  it("shows a rollout as it goes on, a Service as soon as helm has handed it over", async () => {
    // Hand-over at 2 s; first start and crash at 3 s; kubelets know the Service at 5 s; second start at 13 s.
    const { clock, mw, reader } = backend();
    const rollout = mw.deploy([exporter, web]);
    await clock.sleep(1000);
    const pending = ["prometheus pending-install", "main pending-install"];
    expect(await seen(reader)).toEqual({ releases: pending, services: [], states: [] });

    await clock.sleep(1500);
    const creating = { kind: "waiting", reason: "ContainerCreating" };
    expect(await seen(reader)).toEqual({
      releases: pending,
      services: [2000],
      states: [[creating], [creating]],
    });
    expect(mw.services("mw-web")).toEqual([]);

    await clock.sleep(1500);
    const backOff = { kind: "waiting", reason: "CrashLoopBackOff" };
    expect((await seen(reader)).states).toMatchObject([[backOff], [backOff]]);

    await rollout;
    const running = { kind: "running", startedAt: 13_000 };
    expect(await seen(reader)).toEqual({
      releases: ["prometheus deployed", "main deployed"],
      services: [2000],
      states: [[running], [running]],
    });
    expect(await answerOf(reader.podCounts())).toEqual(new Map([["mw-web", 3]]));
    expect(await answerOf(reader.services("mw-web"))).toEqual({
      now: 18_000,
      services: [{ name: "statsd-exporter-prometheus", clusterIp: "10.96.0.0", createdAt: 2000 }],
    });
  });

  it("has all that is known of a pod that crash-loops, and php-fpm's words, which name no variable", async () => {
    const { clock, mw, reader } = backend();
    void mw.deploy([web]);
    await clock.sleep(14_000);
    const [pod] = await answerOf(reader.pods("mw-web"));
    const name = mw.containers()[0]?.pod ?? "";
    expect(pod).toEqual({
      namespace: "mw-web",
      name,
      release: "main",
      owner: { kind: "Deployment", name: "mediawiki-main" },
      createdAt: 2000,
      deleted: false,
      serviceLinks: true,
      containers: [
        {
          name: "mediawiki-main-app",
          init: false,
          state: {
            kind: "waiting",
            reason: "CrashLoopBackOff",
            message: `back-off 20s restarting failed container=mediawiki-main-app pod=${name}`,
          },
          lastEnd: { kind: "ended", exitCode: 78, reason: "Error", startedAt: 13_000 },
          restarts: 2,
          variables: [variable],
          defaultedVariables: [],
          ownVariables: [],
          configMaps: [],
          envFromConfigMaps: [],
          hasSecretEnvironment: false,
        },
      ],
    });
    const container = { namespace: "mw-web", pod: name, container: "mediawiki-main-app" };
    const lines = await answerOf(reader.log(container));
    expect(lines[0]).toBe("ERROR: [/etc/php/fpm/env/envvars.inc:1] empty value");
    expect(await answerOf(reader.log(container, { previous: true }))).toEqual(lines);
  });

  it("keeps the log of the run before a restart", async () => {
    const { mw, reader } = backend();
    await mw.deploy([exporter, web]);
    const [{ pod } = { pod: "" }] = mw.containers(web);
    const container = { namespace: "mw-web", pod, container: "mediawiki-main-app" };
    expect(await answerOf(reader.log(container))).toEqual(["NOTICE: ready to handle connections"]);
    expect(await answerOf(reader.log(container, { previous: true }))).toContain(
      "ERROR: FPM initialization failed",
    );
    mw.restart(web);
    expect(await answerOf(reader.log(container, { previous: true }))).toEqual([
      "NOTICE: ready to handle connections",
    ]);
  });

  it("tells which Job keeps a pod: each has its own", async () => {
    const { mw, reader } = backend({ tree: treeOf(release(script, "mediawiki")) });
    await mw.deploy([script]);
    const pods = await answerOf(reader.pods("mw-cron"));
    expect(pods.map(({ owner }) => owner?.kind)).toEqual(["Job", "Job"]);
    expect(new Set(pods.map(({ owner }) => owner?.name)).size).toBe(2);
    for (const { name, owner } of pods) expect(name.startsWith(`${owner?.name}-`)).toBe(true);
  });

  it("lists helm's releases with as many revisions as there were tries, and none that helm removed", async () => {
    const faults = [{ kind: "fail", release: web, message: "no", times: 1 }] as const;
    const { mw, reader } = backend({ faults });
    await mw.deploy([exporter, web]);
    const [prometheus] = await answerOf(reader.releases());
    expect(prometheus).toEqual({
      namespace: "mw-web",
      name: "prometheus",
      status: "deployed",
      revision: 1,
    });
    expect(await answerOf(reader.releases("mw-web"))).toEqual([prometheus]);
    await mw.deploy([web]);
    expect(await answerOf(reader.releases("mw-web"))).toContainEqual({
      namespace: "mw-web",
      name: "main",
      status: "deployed",
      revision: 2,
    });
    expect(await answerOf(reader.releases("mw-cron"))).toEqual([]);
  });

  it("lists what a crash of the host left in the middle of an installation", async () => {
    const { mw, reader } = backend({ faults: [{ kind: "crash", at: 4000 }] });
    await mw.deploy([exporter]);
    expect(await answerOf(reader.releases())).toMatchObject([
      { name: "prometheus", status: "pending-install" },
    ]);
  });
});

describe("a DaemonSet", () => {
  const mcrouter = releaseId("mw-mcrouter", "main");
  const tree = treeOf(release(mcrouter, "mcrouter"), release(web, "mediawiki"));

  it("wants its pods as soon as it exists, and has those ready that are", async () => {
    const model = withOverride({ chart: "mcrouter", model: { kind: "DaemonSet", pods: 12 } });
    const { clock, mw, reader } = backend({ tree, model });
    const rollout = mw.deploy([mcrouter, web]);
    await clock.sleep(1000);
    expect(await answerOf(reader.daemonSets("mw-mcrouter"))).toEqual([]);
    await clock.sleep(3000);
    const facts = {
      name: "mcrouter-main",
      release: "main",
      generation: 1,
      observedGeneration: 1,
      desired: 12,
      ready: 0,
      updated: 12,
      nodeSelector: [],
    };
    expect(await answerOf(reader.daemonSets("mw-mcrouter"))).toEqual([facts]);
    await rollout;
    expect(await answerOf(reader.daemonSets("mw-mcrouter"))).toEqual([{ ...facts, ready: 12 }]);
    expect(await answerOf(reader.daemonSets("mw-web"))).toEqual([]);
  });

  it("wants no pod where no node matches, and helm calls it deployed all the same", async () => {
    const model = withOverride({ chart: "mcrouter", model: { kind: "DaemonSet", pods: 0 } });
    const { mw, reader } = backend({ tree, model });
    await mw.deploy([mcrouter]);
    expect(mw.status(mcrouter)).toBe("deployed");
    expect(await answerOf(reader.daemonSets("mw-mcrouter"))).toMatchObject([{ desired: 0, ready: 0 }]);
  });
});

describe("a cluster that cannot be read", () => {
  const failure: ClusterFailure = { kind: "forbidden", message: "no" };

  it("answers every question with the failure while it lasts, and helm goes on", async () => {
    const faults = [{ kind: "unreadable", failure, from: 1000, until: 60_000 }] as const;
    const { clock, mw, reader } = backend({ faults });
    const ask = () =>
      Promise.all([
        reader.identity(),
        reader.namespaces(),
        reader.hasNamespace("mw-web"),
        reader.podCounts(),
        reader.releases(),
        reader.services("mw-web"),
        reader.pods("mw-web"),
        reader.daemonSets("mw-web"),
        reader.configMap("mw-web", "none"),
        reader.log({ namespace: "mw-web", pod: "none", container: "none" }),
      ]);
    expect((await ask()).filter(({ ok }) => !ok)).toEqual([]);
    await mw.deploy([exporter]);
    expect(mw.status(exporter)).toBe("deployed");
    expect(new Set((await ask()).map((answer) => !answer.ok && answer.failure))).toEqual(new Set([failure]));
    await clock.sleep(60_000);
    expect((await ask()).filter(({ ok }) => !ok)).toEqual([]);
  });

  it("refuses only what the fault names", async () => {
    const { reader } = backend({ faults: [{ kind: "unreadable", failure, only: ["releases"] }] });
    expect(await reader.releases()).toEqual({ ok: false, failure });
    expect(await reader.podCounts()).toEqual({ ok: true, value: new Map() });
  });
});
