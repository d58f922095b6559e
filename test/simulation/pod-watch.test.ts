import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClusterFailure } from "../../src/core/cluster/cluster-failure.ts";
import type { ClusterReader, EventFacts, PodFacts } from "../../src/core/cluster/cluster-reader.ts";
import { type SimulatedBackendOptions, simulatedBackend } from "../../src/simulation/backend.ts";
import { type Clock, virtualClock } from "../../src/simulation/clock.ts";
import { wikimediaModel } from "../../src/simulation/wikimedia-model.ts";
import { exporter, fixedModel, mwWeb, release, treeOf, web } from "./support/small-cluster.ts";

function backend(options: Partial<SimulatedBackendOptions> = {}) {
  const clock = virtualClock();
  const mw = simulatedBackend({ tree: mwWeb, clock, model: fixedModel, ...options });
  return { clock, mw };
}

/** Looks at a namespace, and keeps what is told, and when. */
function watching(
  reader: ClusterReader,
  clock: Clock,
  { namespace = "mw-web", controller = new AbortController() } = {},
) {
  const pods: { at: number; pod: PodFacts }[] = [];
  const events: EventFacts[] = [];
  const failures: { at: number; kind: string }[] = [];
  reader.watch(
    namespace,
    {
      pod: (pod) => pods.push({ at: clock.now(), pod }),
      event: (event) => events.push(event),
      failed: ({ kind }) => failures.push({ at: clock.now(), kind }),
    },
    controller.signal,
  );
  return { controller, pods, events, failures };
}

function stateOf({ deleted, containers }: PodFacts): string {
  const state = containers[0]?.state;
  if (deleted) return "deleted";
  return state?.kind === "waiting" ? state.reason : (state?.kind ?? "none");
}

const oneRelease = treeOf(release(exporter, "statsd-exporter"));

describe("whoever watches a namespace", () => {
  it("is told of its pods, and of every change of theirs when it happens", async () => {
    const { clock, mw } = backend({ tree: oneRelease });
    const { pods } = watching(mw.reader, clock);
    await mw.deploy([exporter]);
    await mw.uninstall(exporter);
    expect(pods.map(({ at, pod }) => [at, stateOf(pod)])).toEqual([
      [2000, "ContainerCreating"],
      [3000, "running"],
      [8000, "running"],
      [8000, "deleted"],
    ]);
  });

  it("is told of a crash at the moment at which it happens", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const { clock, mw } = backend({ model: wikimediaModel, seed });
        const { pods } = watching(mw.reader, clock);
        await mw.deploy([web]);
        const crashes = pods.filter(({ pod }) => stateOf(pod) === "CrashLoopBackOff");
        const [record] = mw.crashes();
        expect(crashes.length).toBe(record?.crashes);
        expect([crashes[0]?.at, crashes.at(-1)?.at]).toEqual([record?.firstAt, record?.lastAt]);
        for (const { at, pod } of crashes) {
          expect(pod.containers[0]?.lastEnd).toMatchObject({ exitCode: 78, startedAt: at });
        }
      }),
      { numRuns: 20 },
    );
  });

  it("is told by one warning for each pod that it crash-loops", async () => {
    const { clock, mw } = backend();
    const { events } = watching(mw.reader, clock);
    await mw.deploy([web]);
    const [record] = mw.crashes();
    expect(events).toEqual(
      record?.pods.map(({ name }) => ({
        namespace: "mw-web",
        kind: "Pod",
        name,
        reason: "BackOff",
        message: "Back-off restarting failed container",
      })),
    );
  });

  it("sees the pods go that helm removes, with how they ended", async () => {
    const { clock, mw } = backend();
    const { pods } = watching(mw.reader, clock);
    await mw.deploy([web]);
    const last = pods.slice(-2).map(({ pod }) => pod);
    expect(last.map(stateOf)).toEqual(["deleted", "deleted"]);
    expect(last[0]?.containers[0]?.state).toMatchObject({ kind: "ended", exitCode: 78 });
  });

  it("is told first of what is there already, but not before the call has returned", async () => {
    const { clock, mw } = backend();
    await mw.deploy([exporter]);
    const { pods } = watching(mw.reader, clock);
    const { pods: elsewhere } = watching(mw.reader, clock, { namespace: "mw-api" });
    expect(pods).toEqual([]);
    await Promise.resolve();
    expect(pods.map(({ pod }) => pod)).toEqual([expect.objectContaining({ release: "prometheus" })]);
    expect(elsewhere).toEqual([]);
  });

  it("is told nothing more once the signal aborts", async () => {
    const { clock, mw } = backend();
    const { pods, events, controller } = watching(mw.reader, clock);
    void mw.deploy([web]);
    await clock.sleep(2500);
    controller.abort();
    await clock.sleep(60_000);
    expect(pods.map(({ at }) => at)).toEqual([2000, 2000]);
    expect(events).toEqual([]);
  });

  it("is told nothing at all where the signal has aborted before", async () => {
    const { clock, mw } = backend();
    await mw.deploy([exporter]);
    const controller = new AbortController();
    controller.abort();
    const { pods, failures } = watching(mw.reader, clock, { controller });
    await mw.deploy([web]);
    expect([pods, failures]).toEqual([[], []]);
  });
});

describe("a watch that breaks off", () => {
  const failure: ClusterFailure = { kind: "unreachable", message: "no connection" };

  it("says so once for each time, goes on by itself, and then tells what went meanwhile", async () => {
    // Two faults that overlap are one time without sight.
    const faults = [
      { kind: "unreadable", failure, from: 2500, until: 6000 },
      { kind: "unreadable", failure, from: 5000, until: 20_000 },
      { kind: "unreadable", failure, from: 40_000 },
    ] as const;
    const { clock, mw } = backend({ tree: oneRelease, faults });
    const { pods, failures } = watching(mw.reader, clock);
    await mw.deploy([exporter]);
    await mw.uninstall(exporter);
    await clock.sleep(100_000);
    expect(failures).toEqual([
      { at: 2500, kind: "unreachable" },
      { at: 40_000, kind: "unreachable" },
    ]);
    expect(pods.map(({ at, pod }) => [at, stateOf(pod)])).toEqual([
      [2000, "ContainerCreating"],
      [20_000, "deleted"],
    ]);
  });

  it("does not make time pass", async () => {
    const faults = [{ kind: "unreadable", failure, from: 2500, until: 6000 }] as const;
    const { clock, mw } = backend({ faults });
    watching(mw.reader, clock);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(clock.now()).toBe(0);
  });
});
