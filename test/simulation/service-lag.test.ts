import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { releaseId } from "../../src/core/common/release.ts";
import { type SimulatedBackend, simulatedBackend } from "../../src/simulation/backend.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import { wikimediaModel } from "../../src/simulation/wikimedia-model.ts";
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
} from "./support/small-cluster.ts";

const service = "statsd-exporter-prometheus";

function backend() {
  const clock = virtualClock();
  return { clock, mw: simulatedBackend({ tree: mwWeb, clock, model: fixedModel }) };
}

describe("a Service that is deleted and made anew", () => {
  it("is another one: what runs holds the old one until it restarts", async () => {
    const { clock, mw } = backend();
    await mw.deploy([exporter]);
    await mw.deploy([web]);
    const [old] = mw.services("mw-web");
    const recreatedAt = clock.now();
    mw.recreateService("mw-web", service);
    await clock.sleep(5000);
    const [current] = mw.services("mw-web");
    expect(current).toMatchObject({ name: service, release: exporter, createdAt: recreatedAt });
    expect(current?.clusterIp).not.toBe(old?.clusterIp);
    expect(mw.containers(web).map(({ services }) => services)).toEqual([[old], [old]]);
    mw.restart(web);
    expect(mw.containers(web).map(({ services }) => services)).toEqual([[current], [current]]);
  });

  it("is known to kubelets only as long after that as at first: what starts before has none", async () => {
    const { clock, mw } = backend();
    await mw.deploy([exporter]);
    await mw.deploy([web]);
    mw.recreateService("mw-web", service);
    await clock.sleep(2999);
    expect(mw.services("mw-web")).toEqual([]);
    mw.restart(web);
    expect(mw.containers(web).map(({ missing }) => missing)).toEqual([[variable], [variable]]);
    await clock.sleep(1);
    expect(mw.services("mw-web")).toMatchObject([{ name: service }]);
  });
});

describe("a Service that is deleted", () => {
  it("is gone, while its release stays deployed and what runs goes on", async () => {
    const { mw } = backend();
    await mw.deploy([exporter]);
    await mw.deploy([web]);
    mw.removeService("mw-web", service);
    expect(await mw.reader.services("mw-web")).toMatchObject({ value: { services: [] } });
    expect(mw.services("mw-web")).toEqual([]);
    expect([mw.status(exporter), mw.status(web)]).toEqual(["deployed", "deployed"]);
    expect(mw.containers(web).map(({ ready }) => ready)).toEqual([true, true]);
  });

  it("cannot be deleted, nor made anew, where there is none", () => {
    const { mw } = backend();
    expect(() => mw.removeService("mw-web", service)).toThrow(`there is no Service mw-web/${service}`);
    expect(() => mw.recreateService("mw-web", service)).toThrow(`there is no Service mw-web/${service}`);
  });
});

describe("what a look at the cluster tells of Wikimedia's containers", () => {
  /** What the gates wait for by default after a Service's creation, in milliseconds. */
  const settleMs = 5000;
  const provider = releaseId("mw-cron", "prometheus");
  const tree = treeOf(
    release(exporter, "statsd-exporter"),
    release(web, "mediawiki"),
    release(provider, "statsd-exporter"),
    release(script, "mediawiki"),
  );
  const action = fc.record({
    afterMs: fc.integer({ min: 0, max: 8000 }),
    what: fc.constantFrom("recreate", "restart"),
    release: fc.constantFrom(web, script),
  });

  /** Judges each container that runs by the reader's times alone, and by what it really got. */
  async function judge(mw: SimulatedBackend, namespace: string) {
    const { services } = await answerOf(mw.reader.services(namespace));
    const pods = new Map(mw.containers().map((container) => [container.pod, container]));
    const running = (await answerOf(mw.reader.pods(namespace))).flatMap(({ name, release: of, containers }) =>
      containers.flatMap(({ state }) =>
        of === "main" && state.kind === "running" ? [{ container: pods.get(name), ...state }] : [],
      ),
    );
    return services.flatMap(({ createdAt, clusterIp }) =>
      running.map(({ container, startedAt }) => ({
        isStale: startedAt < createdAt,
        isSettled: startedAt > createdAt + settleMs,
        has: container?.services.some((one) => one.clusterIp === clusterIp),
        missing: container?.missing,
      })),
    );
  }

  it("is so: started before the Service, it does not have it; after the settle time, it does", async () => {
    const counts = { stale: 0, settled: 0 };
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.array(action, { maxLength: 12 }), async (seed, actions) => {
        const clock = virtualClock();
        const mw = simulatedBackend({ tree, clock, model: wikimediaModel, seed });
        void mw.deploy([exporter, provider, web, script]);
        // Every Service is there by then.
        await clock.sleep(2500);
        for (const { afterMs, what, release: id } of actions) {
          await clock.sleep(afterMs);
          const [namespace = ""] = id.split("/");
          if (what === "restart") mw.restart(id);
          else mw.recreateService(namespace, service);
          for (const { isStale, isSettled, has, missing } of await judge(mw, namespace)) {
            if (isStale) expect(has).toBe(false);
            if (isSettled) expect([has, missing]).toEqual([true, []]);
            counts.stale += Number(isStale);
            counts.settled += Number(isSettled);
          }
        }
      }),
    );
    // Both were seen.
    expect(counts.stale).toBeGreaterThan(0);
    expect(counts.settled).toBeGreaterThan(0);
  });
});
