import { describe, expect, it, onTestFinished } from "vitest";
import type { ClusterFailure } from "../../src/core/cluster/cluster-failure.ts";
import type { EventFacts, PodFacts } from "../../src/core/cluster/cluster-reader.ts";
import { fail } from "../../src/core/common/result.ts";
import type { Connect } from "../../src/io/kubernetes-client.ts";
import { watchNamespace } from "../../src/io/kubernetes-watch.ts";
import type { FakeKubernetes } from "../support/fake-kubernetes.ts";
import { pod, warning } from "../support/kubernetes-objects.ts";
import { connectFake, readFake } from "../support/read-fake.ts";

const podsPath = "/api/v1/namespaces/mw-web/pods";
const eventsPath = "/api/v1/namespaces/mw-web/events";

/** What a watch has told so far, each as one line. */
interface Told {
  readonly pods: string[];
  readonly events: string[];
  readonly failures: string[];
  readonly stop: () => void;
}

function watch(connect: Connect): Told {
  const abort = new AbortController();
  onTestFinished(() => abort.abort());
  const told = { pods: [] as string[], events: [] as string[], failures: [] as string[] };
  watchNamespace(connect, {
    namespace: "mw-web",
    take: {
      pod: ({ name, deleted, containers }: PodFacts) =>
        told.pods.push(deleted ? `${name} deleted` : `${name} ${containers[0]?.state.kind}`),
      event: ({ name, reason }: EventFacts) => told.events.push(`${name} ${reason}`),
      failed: ({ kind }: ClusterFailure) => told.failures.push(kind),
    },
    signal: abort.signal,
    pauses: { shortest: 5, longest: 20, longestOfRefused: 20 },
  });
  return { ...told, stop: () => abort.abort() };
}

const patience = { timeout: 15_000 };

/** Both the pods and the events are watched. */
const watched = (kubernetes: FakeKubernetes) => expect.poll(() => kubernetes.watching(), patience).toBe(2);

const crashed = (id: string) =>
  pod(id, {
    status: {
      containerStatuses: [
        { name: "php", restartCount: 1, state: { waiting: { reason: "CrashLoopBackOff" } } },
      ],
    },
  });

const failedMount = (id: string, name: string) =>
  warning(id, { pod: name, reason: "FailedMount", message: "no ConfigMap" });

describe("a watch", () => {
  it("tells the pods that are there, and each change", async () => {
    const { kubernetes, connect } = await connectFake({ objects: [pod("mw-web/a"), pod("mw-api/x")] });
    const told = watch(connect);
    await watched(kubernetes);
    kubernetes.put(pod("mw-web/b"), pod("mw-api/y"));
    kubernetes.put(crashed("mw-web/b"));
    kubernetes.remove("Pod", "mw-web/a");
    await expect
      .poll(() => told.pods, patience)
      .toEqual(["a running", "b running", "b waiting", "a deleted"]);
    expect(told.failures).toEqual([]);
  });

  it("tells no change of what nobody looks at", async () => {
    const { kubernetes, connect } = await connectFake({ objects: [pod("mw-web/a")] });
    const told = watch(connect);
    await watched(kubernetes);
    kubernetes.put(pod("mw-web/a", { status: { podIP: "10.0.0.1" } }));
    kubernetes.put(crashed("mw-web/a"));
    await expect.poll(() => told.pods, patience).toEqual(["a running", "a waiting"]);
  });

  it("tells warnings from now on, and not those from before", async () => {
    const before = failedMount("mw-web/old", "old");
    const { kubernetes, connect } = await connectFake({ objects: [before] });
    const told = watch(connect);
    await watched(kubernetes);
    kubernetes.put({ ...failedMount("mw-web/normal", "normal"), type: "Normal" });
    kubernetes.put(failedMount("mw-web/new", "new"), { ...before, count: 2 });
    kubernetes.remove("Event", "mw-web/new");
    kubernetes.put(failedMount("mw-web/last", "last"));
    await expect
      .poll(() => told.events, patience)
      .toEqual(["new FailedMount", "old FailedMount", "last FailedMount"]);
  });

  it("goes on where it was when the connection breaks off or ends, and says nothing of it", async () => {
    const { kubernetes, connect } = await connectFake({ objects: [pod("mw-web/a")] });
    const told = watch(connect);
    await watched(kubernetes);
    kubernetes.endWatches("broken");
    kubernetes.put(pod("mw-web/b"), failedMount("mw-web/e", "b"));
    await expect.poll(() => told.pods, patience).toEqual(["a running", "b running"]);
    await watched(kubernetes);
    kubernetes.endWatches("in order");
    kubernetes.remove("Pod", "mw-web/a");
    await expect.poll(() => told.pods, patience).toEqual(["a running", "b running", "a deleted"]);
    expect(told.events).toEqual(["b FailedMount"]);
    expect(told.failures).toEqual([]);
    expect(kubernetes.calls().filter((call) => call === `${podsPath}?limit=500`)).toHaveLength(1);
  });

  it("lists anew where the server has forgotten what changed, and misses nothing", async () => {
    const { kubernetes, connect } = await connectFake({ objects: [pod("mw-web/a"), pod("mw-web/b")] });
    const told = watch(connect);
    await watched(kubernetes);
    kubernetes.put(failedMount("mw-web/first", "a"));
    await expect.poll(() => told.events, patience).toEqual(["a FailedMount"]);
    kubernetes.endWatches("broken");
    kubernetes.remove("Pod", "mw-web/a");
    kubernetes.put(pod("mw-web/c"), failedMount("mw-web/second", "c"));
    kubernetes.compact();
    await expect
      .poll(() => told.pods, patience)
      .toEqual(["a running", "b running", "a deleted", "c running"]);
    await expect.poll(() => told.events, patience).toEqual(["a FailedMount", "c FailedMount"]);
    expect(told.failures).toEqual([]);
  });

  it("lists anew where the server says in the stream that it has lost count", async () => {
    const { kubernetes, connect } = await connectFake({ objects: [pod("mw-web/a")] });
    const told = watch(connect);
    await watched(kubernetes);
    const object = { kind: "Status", code: 410, reason: "Expired", message: "too old resource version" };
    kubernetes.push(podsPath, JSON.stringify({ type: "ERROR", object }));
    const lists = () => kubernetes.calls().filter((call) => call === `${podsPath}?limit=500`);
    await expect.poll(() => lists().length, patience).toBe(2);
    await watched(kubernetes);
    kubernetes.put(pod("mw-web/b"));
    await expect.poll(() => told.pods, patience).toEqual(["a running", "b running"]);
    expect(told.failures).toEqual([]);
  });

  it("goes on from a bookmark", async () => {
    const { kubernetes, connect } = await connectFake();
    watch(connect);
    await watched(kubernetes);
    const watches = () =>
      kubernetes.calls().filter((call) => call.startsWith(podsPath) && call.includes("watch"));
    const [first] = watches();
    kubernetes.put(pod("mw-api/elsewhere"));
    kubernetes.bookmark();
    kubernetes.endWatches("in order");
    await expect.poll(() => watches().length, patience).toBe(2);
    const versionOf = (call = "") => Number(new URL(call, "http://fake").searchParams.get("resourceVersion"));
    expect(versionOf(watches()[1])).toBe(versionOf(first) + 2);
  });
});

describe("what cannot be seen", () => {
  it("is told once for both watches, once for each time, and seen again afterwards", async () => {
    const { kubernetes, connect } = await connectFake({ objects: [pod("mw-web/a")] });
    const told = watch(connect);
    await watched(kubernetes);
    for (const time of [1, 2]) {
      kubernetes.answer("/api", { kind: "close" });
      kubernetes.endWatches("broken");
      // Each tries more than once.
      const calls = kubernetes.calls().length;
      await expect.poll(() => kubernetes.calls().length, patience).toBeGreaterThan(calls + 3);
      kubernetes.answer("/api", undefined);
      kubernetes.put(pod(`mw-web/new-${time}`), failedMount(`mw-web/e${time}`, "a"));
      await expect.poll(() => told.pods.at(-1), patience).toBe(`new-${time} running`);
      await expect.poll(() => told.events.length, patience).toBe(time);
      expect(told.failures).toEqual(Array(time).fill("unreachable"));
    }
  });

  it("is told again where nothing happened in between, and the watches lasted", async () => {
    const { kubernetes, connect } = await connectFake({}, { silenceMs: 50 });
    const told = watch(connect);
    await watched(kubernetes);
    for (const time of [1, 2]) {
      kubernetes.answer("/api", { kind: "close" });
      kubernetes.endWatches("broken");
      await expect.poll(() => told.failures, patience).toEqual(Array(time).fill("unreachable"));
      kubernetes.answer("/api", undefined);
      const calls = kubernetes.calls().length;
      // Of either watch the first has lasted when it is opened again; both go at the same pace.
      const opened = (path: string) =>
        kubernetes
          .calls()
          .slice(calls)
          .filter((call) => call.startsWith(path)).length;
      await expect.poll(() => Math.min(opened(podsPath), opened(eventsPath)), patience).toBeGreaterThan(1);
    }
  });

  it("is told of the events, where only these are forbidden, and the pods are seen", async () => {
    const { kubernetes, connect } = await connectFake({ objects: [pod("mw-web/a")] });
    kubernetes.answer(eventsPath, { kind: "status", status: 403 });
    const told = watch(connect);
    await expect.poll(() => told.failures, patience).toEqual(["forbidden"]);
    await expect.poll(() => told.pods, patience).toEqual(["a running"]);
  });

  it("is told once where the server breaks every watch off with an error in it", async () => {
    const { kubernetes, connect } = await connectFake();
    const object = { kind: "Status", code: 500, message: "the required storage feature is disabled" };
    kubernetes.answer(/watch=1/, { kind: "text", text: `${JSON.stringify({ type: "ERROR", object })}\n` });
    const told = watch(connect);
    await expect
      .poll(() => kubernetes.calls().filter((call) => call.includes("watch=1")).length, patience)
      .toBeGreaterThan(3);
    expect(told.failures).toEqual(["server-error"]);
  });

  it("is told where a line is none of the API's, and all is listed anew", async () => {
    const { kubernetes, connect } = await connectFake({ objects: [pod("mw-web/a")] });
    const told = watch(connect);
    await watched(kubernetes);
    kubernetes.push(podsPath, '{"type":"ADDED","object":{"metadata":{"resourceVersion":"1"}}}');
    await expect.poll(() => told.failures, patience).toEqual(["malformed"]);
    kubernetes.remove("Pod", "mw-web/a");
    await expect.poll(() => told.pods, patience).toEqual(["a running", "a deleted"]);
  });

  it("is told where there is no way to the cluster", async () => {
    const told = watch(async () => fail({ kind: "no-kubeconfig", message: "none" }));
    await expect.poll(() => told.failures).toEqual(["no-kubeconfig"]);
  });
});

it("a connection that has gone silent is given up for another", async () => {
  const { kubernetes, connect } = await connectFake({}, { silenceMs: 50 });
  const told = watch(connect);
  await expect
    .poll(() => kubernetes.calls().filter((call) => call.includes("watch=1")).length, patience)
    .toBeGreaterThan(2);
  expect(told.failures).toEqual([]);
});

it("everything ends at once when the signal aborts", async () => {
  const { kubernetes, connect } = await connectFake();
  const told = watch(connect);
  await watched(kubernetes);
  const calls = kubernetes.calls().length;
  told.stop();
  kubernetes.put(pod("mw-web/late"));
  await expect.poll(() => kubernetes.watching()).toBe(0);
  expect(told).toMatchObject({ pods: [], events: [], failures: [] });
  expect(kubernetes.calls()).toHaveLength(calls);
});

it("everything ends when the way to the cluster is closed, and nothing is told of that", async () => {
  const { kubernetes, connect } = await connectFake();
  const told = watch(connect);
  await watched(kubernetes);
  const client = await connect();
  if (client.ok) client.value.close();
  const calls = kubernetes.calls().length;
  await expect.poll(() => kubernetes.watching()).toBe(0);
  expect(told).toMatchObject({ pods: [], events: [], failures: [] });
  expect(kubernetes.calls()).toHaveLength(calls);
});

it("an ended signal begins nothing", async () => {
  const { kubernetes, reader } = await readFake();
  reader.watch("mw-web", { pod: fault, event: fault, failed: fault }, AbortSignal.abort());
  await reader.namespaces();
  expect(kubernetes.calls()).toEqual(["/api/v1/namespaces?limit=500"]);
});

function fault(): never {
  throw new Error("nothing is told");
}
