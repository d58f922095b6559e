import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { ok } from "../../src/core/common/result.ts";
import { clusterAccess } from "../../src/io/cluster-access.ts";
import { kubernetesReader } from "../../src/io/kubernetes-reader.ts";
import { kubeconfigFor } from "../support/fake-kubernetes.ts";
import { helmRecord, pod, service } from "../support/kubernetes-objects.ts";
import { connectFake, readFake } from "../support/read-fake.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const services = "/api/v1/namespaces/mw-web/services";
const objects = [service("mw-web/a")];

/** Far longer than anything on loopback takes, and far shorter than the patience of a test. */
const limitMs = 400;

function failed(kind: string, message: string | RegExp) {
  return { ok: false, failure: { kind, message: expect.stringMatching(message) } };
}

describe("every status that is no answer is told apart", () => {
  it.each([
    [401, "unauthorized", "401 Unauthorized: no such token"],
    [403, "forbidden", "403 Forbidden: no such token"],
    [404, "server-error", "404 Not Found: no such token"],
    [500, "server-error", "500 Internal Server Error: no such token"],
    [503, "server-error", "503 Service Unavailable: no such token"],
  ])("%i is %s", async (status, kind, words) => {
    const { kubernetes, reader } = await readFake({ objects });
    kubernetes.answer(services, { kind: "status", status, message: "no such token", reason: "NotFound" });
    expect(await reader.services("mw-web")).toEqual({
      ok: false,
      failure: { kind, message: `cannot read the Services of mw-web from ${kubernetes.url}: ${words}` },
    });
  });

  it("what another server says is not repeated", async () => {
    const { kubernetes, reader } = await readFake({ objects });
    kubernetes.answer(services, { kind: "text", status: 502, text: "<html>\u001b[2Jfake-token" });
    expect(await reader.services("mw-web")).toEqual(failed("server-error", /: 502 Bad Gateway$/));
  });

  it("a redirect is not followed", async () => {
    const { kubernetes, reader } = await readFake({ objects });
    kubernetes.answer(services, { kind: "text", status: 302, text: "" });
    expect(await reader.services("mw-web")).toEqual(
      failed("server-error", "302 Found .redirects are not followed"),
    );
    expect(kubernetes.calls()).toHaveLength(1);
  });

  it("its words come in one line, and nothing in them is obeyed by a terminal", async () => {
    const { kubernetes, reader } = await readFake({ objects });
    kubernetes.answer(services, {
      kind: "status",
      status: 500,
      message: "etcd\r\nis \u001b[31maway\u0007\u009b2J",
    });
    expect(await reader.services("mw-web")).toEqual(failed("server-error", /: etcd is away 2J$/));
  });
});

describe("an answer that is none of the API's", () => {
  it.each([
    ["no JSON", "<html>login: fake-token</html>", /: an answer that is no JSON$/],
    ["empty", "", /: an answer that is no JSON$/],
    ["another JSON", '{"status":"ok"}', /none of the Kubernetes API \(kind: /],
    [
      "no list",
      '{"kind":"Service","metadata":{"resourceVersion":"1"}}',
      /none of the Kubernetes API \(kind: /,
    ],
    [
      "a list of another kind",
      '{"kind":"FooList","metadata":{"resourceVersion":"1"},"items":[]}',
      /none of the Kubernetes API \(kind: /,
    ],
    [
      "a list of metadata that nobody asked for",
      '{"kind":"PartialObjectMetadataList","metadata":{"resourceVersion":"1"},"items":[]}',
      /none of the Kubernetes API \(kind: /,
    ],
    [
      "a list without items",
      '{"kind":"ServiceList","metadata":{"resourceVersion":"1"}}',
      /none of the Kubernetes API \(items: /,
    ],
    [
      "a list of something else",
      '{"kind":"ServiceList","metadata":{"resourceVersion":"1"},"items":[{"metadata":{"name":"a"}}]}',
      /none of the Kubernetes API \(items\.0\.metadata\.creationTimestamp: /,
    ],
  ])("%s is malformed, never nothing", async (_, text, words) => {
    const { kubernetes, reader } = await readFake({ objects });
    kubernetes.answer(services, { kind: "text", text });
    expect(await reader.services("mw-web")).toEqual(failed("malformed", words));
  });

  it.each([
    ["namespaces", "NamespaceList"],
    ["podCounts", "PodList"],
    ["releases", "SecretList"],
    ["pods", "PodList"],
    ["daemonSets", "DaemonSetList"],
  ] as const)("%s may be none, in a %s only", async (reading, kind) => {
    const { kubernetes, reader } = await readFake({ objects });
    const read = async (listKind: string) => {
      const text = JSON.stringify({ kind: listKind, metadata: { resourceVersion: "1" }, items: null });
      kubernetes.answer("/api", { kind: "text", text });
      return reader[reading]("mw-web");
    };
    expect(await read(kind)).toMatchObject({ ok: true });
    expect(await read("ServiceList")).toEqual(failed("malformed", /\(kind: /));
  });

  it("one that is too large is not read to its end", async () => {
    const { connect } = await connectFake({ objects }, { maxBytes: 100 });
    expect(await kubernetesReader(connect).services("mw-web")).toEqual(
      failed("malformed", /an answer of more than 100 bytes$/),
    );
  });

  it("one with more faults than can be gathered is malformed", async () => {
    const { kubernetes, reader } = await readFake({ objects });
    const text = JSON.stringify({ kind: "ServiceList", metadata: {}, items: Array(300_000).fill(5) });
    kubernetes.answer(services, { kind: "text", text });
    expect(await reader.services("mw-web")).toEqual(failed("malformed", /too many faults to tell/));
  });

  it("one that is no HTTP is malformed", async () => {
    const server = createServer((socket) => socket.on("error", () => {}).end("SSH-2.0-OpenSSH_9.2\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
    const reader = readAt(`http://127.0.0.1:${address.port}`);
    expect(await reader.services("mw-web")).toEqual(failed("malformed", "Parse Error"));
  });
});

describe("a connection", () => {
  it("that nobody takes is unreachable", async () => {
    const { kubernetes, reader } = await readFake();
    expect(await reader.services("mw-web")).toMatchObject({ ok: true });
    await kubernetes.stop();
    expect(await reader.services("mw-web")).toEqual(failed("unreachable", /: connection refused$/));
  });

  it("to a host that there is not is unreachable", async () => {
    const reader = readAt("http://no-such-host.invalid:6443");
    expect(await reader.services("mw-web")).toEqual(
      failed("unreachable", /: (no such host|its name cannot be looked up now)$/),
    );
  });

  it("that closes without an answer is unreachable, and is not tried again", async () => {
    const { kubernetes, reader } = await readFake({ objects });
    kubernetes.answer(services, { kind: "close" });
    expect(await reader.services("mw-web")).toEqual(failed("unreachable", /: the connection broke off$/));
    expect(kubernetes.calls()).toHaveLength(1);
  });

  it("that breaks off in the middle of an answer is unreachable", async () => {
    const { kubernetes, reader } = await readFake({ objects });
    kubernetes.answer(services, { kind: "break" });
    expect(await reader.services("mw-web")).toEqual(failed("unreachable", /: the connection broke off$/));
  });

  it("that was kept and is closed when it is used again is opened anew, once", async () => {
    const { kubernetes, reader } = await readFake({ objects });
    expect(await reader.services("mw-web")).toMatchObject({ ok: true });
    kubernetes.answer(services, { kind: "close", times: 1 });
    expect(await reader.services("mw-web")).toMatchObject({ ok: true });
    expect(kubernetes.calls()).toHaveLength(3);
    kubernetes.answer(services, { kind: "close" });
    expect(await reader.services("mw-web")).toMatchObject({ ok: false, failure: { kind: "unreachable" } });
  });
});

describe("time", () => {
  it.each(["never", "stall"] as const)("a server that answers %s is slow", async (kind) => {
    const { kubernetes, reader } = await readFake({ objects }, { limitMs });
    kubernetes.answer(services, { kind });
    expect(await reader.services("mw-web")).toEqual(failed("slow", /: no answer within 0.4 s$/));
  });

  it("the deadline of the whole ends a call before its own limit does", async () => {
    const { kubernetes, reader } = await readFake({ objects }, { deadline: performance.now() + limitMs });
    kubernetes.answer(services, { kind: "never" });
    expect(await reader.services("mw-web")).toMatchObject({ ok: false, failure: { kind: "slow" } });
    const before = kubernetes.calls().length;
    expect(await reader.services("mw-web")).toEqual(
      failed("slow", "the time was up before it could be asked"),
    );
    expect(kubernetes.calls()).toHaveLength(before);
  });

  it("many calls at once each have their answer", async () => {
    const { kubernetes, reader } = await readFake({ objects });
    kubernetes.answer(services, { kind: "slow", ms: 5 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => reader.services("mw-web")));
    expect(answers.every((answer) => answer.ok)).toBe(true);
  });
});

describe("too many calls", () => {
  it("are tried again when the server says so", async () => {
    const { kubernetes, reader } = await readFake({ objects });
    kubernetes.answer(services, { kind: "status", status: 429, retryAfter: 0, times: 2 });
    expect(await reader.services("mw-web")).toMatchObject({ ok: true });
    expect(kubernetes.calls()).toHaveLength(3);
  });

  it("are throttled where the time is up before that", async () => {
    const { kubernetes, reader } = await readFake({ objects }, { limitMs: 4_000 });
    kubernetes.answer(services, {
      kind: "status",
      status: 429,
      retryAfter: 3600,
      message: "too many requests",
    });
    expect(await reader.services("mw-web")).toEqual(
      failed("throttled", /: 429 Too Many Requests: too many requests$/),
    );
    expect(kubernetes.calls()).toHaveLength(1);
  });

  it("are throttled where it says so until the time is up", async () => {
    const { kubernetes, reader } = await readFake({ objects }, { limitMs });
    kubernetes.answer(services, { kind: "status", status: 429, retryAfter: 0 });
    expect(await reader.services("mw-web")).toMatchObject({ ok: false, failure: { kind: "throttled" } });
    expect(kubernetes.calls().length).toBeGreaterThan(1);
  });
});

describe("nobody waits any more", () => {
  it("when the signal aborts: what runs ends, and nothing is asked any more", async () => {
    const abort = new AbortController();
    const { kubernetes, reader } = await readFake({ objects }, { signal: abort.signal });
    kubernetes.answer(services, { kind: "never" });
    const answer = reader.services("mw-web");
    await expect.poll(() => kubernetes.calls().length).toBe(1);
    abort.abort();
    expect(await answer).toEqual(failed("cancelled", /: nobody waits for it any more$/));
    expect(await reader.services("mw-web")).toMatchObject({ ok: false, failure: { kind: "cancelled" } });
    expect(kubernetes.calls()).toHaveLength(1);
  });

  it("when the way is closed", async () => {
    const { kubernetes, reader, close } = await readFake({ objects });
    kubernetes.answer(services, { kind: "never" });
    const answer = reader.services("mw-web");
    await expect.poll(() => kubernetes.calls().length).toBe(1);
    close();
    expect(await answer).toMatchObject({ ok: false, failure: { kind: "cancelled" } });
  });
});

describe("pages", () => {
  const pods = Array.from({ length: 1203 }, (_, index) => pod(`mw-web/p${index}`));

  it("a long list is asked for in pages", async () => {
    const { kubernetes, reader } = await readFake({ objects: pods });
    expect(await reader.podCounts()).toEqual(ok(new Map([["mw-web", 1203]])));
    expect(kubernetes.calls()).toEqual([
      "/api/v1/pods?limit=500",
      "/api/v1/pods?limit=500&continue=500",
      "/api/v1/pods?limit=500&continue=1000",
    ]);
  });

  it("begins anew, once, where the server has forgotten what it goes on from", async () => {
    const { kubernetes, reader } = await readFake({ objects: pods });
    kubernetes.answer(/continue=1000/, { kind: "status", status: 410, reason: "Expired", times: 1 });
    expect(await reader.podCounts()).toEqual(ok(new Map([["mw-web", 1203]])));
    expect(kubernetes.calls()).toHaveLength(6);
    kubernetes.answer(/continue=500/, { kind: "status", status: 410, message: "expired" });
    expect(await reader.podCounts()).toEqual(failed("server-error", "410 Gone: expired"));
  });

  it("is no list at all where a page is missing", async () => {
    const { kubernetes, reader } = await readFake({ objects: pods });
    kubernetes.answer(/continue=1000/, { kind: "status", status: 500 });
    expect(await reader.podCounts()).toMatchObject({ ok: false, failure: { kind: "server-error" } });
  });

  it("of a server that never comes to an end are bounded", async () => {
    const { kubernetes, reader } = await readFake();
    const page = { kind: "PodList", metadata: { resourceVersion: "1", continue: "again" }, items: [] };
    kubernetes.answer("/api/v1/pods", { kind: "text", text: JSON.stringify(page) });
    expect(await reader.podCounts()).toEqual(failed("malformed", "a list of more than 1000 pages"));
    expect(kubernetes.calls()).toHaveLength(1000);
  });
});

it("each call is told of, with its path, also one that is made again", async () => {
  const calls: string[] = [];
  const { kubernetes, reader } = await readFake(
    { objects: [helmRecord("mw-web/main"), ...objects] },
    { onCall: (path) => calls.push(path) },
  );
  kubernetes.answer(services, { kind: "status", status: 429, retryAfter: 0, times: 1 });
  await reader.releases("mw-web");
  await reader.services("mw-web");
  expect(calls).toEqual(kubernetes.calls());
  expect(calls).toHaveLength(3);
});

function readAt(url: string) {
  const folder = temporaryFolder({ "admin.config": kubeconfigFor(url) });
  const { open, close } = clusterAccess({ kubeconfig: `${folder}/admin.config`, env: {} });
  onTestFinished(close);
  return open([]);
}
