import { expect, it } from "vitest";
import { ok } from "../../src/core/common/result.ts";
import {
  configMap,
  daemonSet,
  helmRecord,
  namespace,
  node,
  pod,
  service,
} from "../support/kubernetes-objects.ts";
import { readFake } from "../support/read-fake.ts";

const longAgo = Date.parse("2026-01-01T00:00:00Z");

it("identity tells the address, the version and how many nodes are ready", async () => {
  const { kubernetes, reader } = await readFake({ objects: [node("a"), node("b", false), node("c")] });
  expect(await reader.identity()).toEqual(
    ok({ server: kubernetes.url, version: "v1.31.4", nodes: ok({ total: 3, ready: 2 }) }),
  );
});

it("identity goes on where the nodes may not be seen, and says so", async () => {
  const { kubernetes, reader } = await readFake();
  kubernetes.answer("/api/v1/nodes", { kind: "status", status: 403, message: "nodes is forbidden" });
  expect(await reader.identity()).toEqual(
    ok({
      server: kubernetes.url,
      version: "v1.31.4",
      nodes: {
        ok: false,
        failure: {
          kind: "forbidden",
          message: `cannot read the nodes from ${kubernetes.url}: 403 Forbidden: nodes is forbidden`,
        },
      },
    }),
  );
});

it("tells the namespaces, and pods by namespace, from metadata alone", async () => {
  const { reader } = await readFake({
    objects: [pod("mw-web/a"), pod("mw-web/b"), pod("kube-system/dns"), namespace("empty")],
  });
  expect(await reader.namespaces()).toEqual(ok(["empty", "kube-system", "mw-web"]));
  expect(await reader.podCounts()).toEqual(
    ok(
      new Map([
        ["kube-system", 1],
        ["mw-web", 2],
      ]),
    ),
  );
});

it("only the API's own word makes a namespace absent", async () => {
  const { kubernetes, reader } = await readFake({ objects: [namespace("mw-web")] });
  expect(await reader.hasNamespace("mw-web")).toEqual(ok(true));
  expect(await reader.hasNamespace("mw-api")).toEqual(ok(false));
  kubernetes.answer("/api/v1/namespaces/mw-api", { kind: "text", status: 404, text: "<h1>Not Found</h1>" });
  expect(await reader.hasNamespace("mw-api")).toMatchObject({ ok: false, failure: { kind: "server-error" } });
});

it("the newest revision decides the status of a release, the newest good one is told, and other Secrets are none", async () => {
  const stray = { kind: "Secret", metadata: { namespace: "mw-web", name: "s", labels: { owner: "helm" } } };
  const { reader } = await readFake({
    objects: [
      helmRecord("mw-web/main", "superseded", 9),
      helmRecord("mw-web/main", "deployed", 8),
      helmRecord("mw-web/main", "superseded", 7),
      helmRecord("mw-web/main", "failed", 10),
      helmRecord("mw-web/prometheus"),
      helmRecord("mw-api/main", "pending-install"),
      stray,
    ],
  });
  const createdAt = longAgo;
  const main = { namespace: "mw-web", name: "main", status: "failed", revision: 10 };
  const prometheus = { namespace: "mw-web", name: "prometheus", status: "deployed", revision: 1 };
  const other = { namespace: "mw-api", name: "main", status: "pending-install", revision: 1, createdAt };
  const inWeb = [
    { ...main, createdAt, fallbackRevision: 8 },
    { ...prometheus, createdAt, fallbackRevision: 1 },
  ];
  expect(await reader.releases("mw-web")).toEqual(ok(inWeb));
  expect(await reader.releases()).toEqual(ok([other, ...inWeb]));
});

it("helm's records are asked for without the releases in them", async () => {
  const { kubernetes, reader } = await readFake({ objects: [helmRecord("mw-web/main")] });
  await reader.releases("mw-web");
  expect(kubernetes.calls()).toEqual([
    "/api/v1/namespaces/mw-web/secrets?limit=500&labelSelector=owner%3Dhelm",
  ]);
});

it("Services come with the cluster's time", async () => {
  const { reader } = await readFake({
    now: () => new Date("2026-02-03T04:05:06.700Z"),
    objects: [
      service("mw-web/statsd-exporter-prometheus", { createdAt: "2026-02-03T04:05:05Z" }),
      service("mw-web/headless", { clusterIP: "None" }),
      service("mw-web/unborn", { clusterIP: "" }),
    ],
  });
  expect(await reader.services("mw-web")).toEqual(
    ok({
      now: Date.parse("2026-02-03T04:05:06Z"),
      services: [
        { name: "headless", clusterIp: "None", createdAt: longAgo },
        {
          name: "statsd-exporter-prometheus",
          clusterIp: "10.96.0.7",
          createdAt: Date.parse("2026-02-03T04:05:05Z"),
        },
        { name: "unborn", createdAt: longAgo },
      ],
    }),
  );
});

it("of a DaemonSet, helm's annotation says the release, unless it is of another namespace", async () => {
  const elsewhere = { "meta.helm.sh/release-name": "main", "meta.helm.sh/release-namespace": "other" };
  const set = daemonSet("mw-mcrouter/b", { release: "main" });
  const { reader } = await readFake({
    objects: [
      daemonSet("mw-mcrouter/a", {
        release: "main",
        spec: { template: { spec: { nodeSelector: { disk: "ssd" } } } },
        status: {
          desiredNumberScheduled: 3,
          updatedNumberScheduled: 2,
          numberReady: 1,
          observedGeneration: 4,
        },
      }),
      { ...set, metadata: { ...set.metadata, annotations: elsewhere } },
      {
        ...daemonSet("mw-mcrouter/c", { release: "byLabel" }),
        metadata: {
          namespace: "mw-mcrouter",
          name: "c",
          labels: { "app.kubernetes.io/instance": "byLabel" },
        },
        spec: { updateStrategy: { type: "OnDelete" }, template: { spec: {} } },
        status: {},
      },
    ],
  });
  expect(await reader.daemonSets("mw-mcrouter")).toEqual(
    ok([
      {
        name: "a",
        release: "main",
        generation: 1,
        observedGeneration: 4,
        desired: 3,
        ready: 1,
        updated: 2,
        nodeSelector: ["disk=ssd"],
      },
      {
        name: "b",
        generation: 1,
        observedGeneration: 1,
        desired: 1,
        ready: 1,
        updated: 1,
        nodeSelector: [],
      },
      {
        name: "c",
        release: "byLabel",
        generation: 0,
        observedGeneration: 0,
        desired: 0,
        ready: 0,
        nodeSelector: [],
      },
    ]),
  );
});

it("names come without what a terminal would obey", async () => {
  const bad = "a\u001b[2J\u0007b";
  const set = daemonSet(`mw-web/${bad}`, {
    release: bad,
    spec: { template: { spec: { nodeSelector: { [bad]: bad } } } },
  });
  const annotations = { "meta.helm.sh/release-name": bad, "meta.helm.sh/release-namespace": "mw-web" };
  const { reader } = await readFake({
    objects: [
      namespace(bad),
      service(`mw-web/${bad}`, { clusterIP: bad }),
      helmRecord(`mw-web/${bad}`, bad),
      { ...set, metadata: { ...set.metadata, annotations } },
    ],
  });
  expect(await reader.namespaces()).toEqual(ok(["a b", "mw-web"]));
  expect(await reader.services("mw-web")).toMatchObject({
    value: { services: [{ name: "a b", clusterIp: "a b" }] },
  });
  expect(await reader.releases("mw-web")).toMatchObject({ value: [{ name: "a b", status: "a b" }] });
  expect(await reader.daemonSets("mw-web")).toMatchObject({
    value: [{ name: "a b", release: "a b", nodeSelector: ["a b=a b"] }],
  });
});

it("a ConfigMap is told by key, and one that is not there is undefined", async () => {
  const { reader } = await readFake({ objects: [configMap("mw-web/envvars", { a: "1\n2" })] });
  expect(await reader.configMap("mw-web", "envvars")).toEqual(ok({ a: "1\n2" }));
  expect(await reader.configMap("mw-web", "other")).toEqual(ok(undefined));
});

it("of a log come the last lines, with nothing in them that a terminal would obey", async () => {
  const { kubernetes, reader } = await readFake({ objects: [pod("mw-web/main")] });
  const many = Array.from({ length: 30 }, (_, index) => `line ${index}`).join("\n");
  kubernetes.setLog(
    "mw-web/main/php",
    `${many}\n\u001b[31mred\u001b[0m\u0007 \u001b]0;title\u0007end\r\n${"x".repeat(600)}\n`,
  );
  kubernetes.setLog("mw-web/main/php", "", { previous: true });
  const container = { namespace: "mw-web", pod: "main", container: "php" };
  const log = await reader.log(container);
  if (!log.ok) throw new Error(log.failure.message);
  expect(log.value).toHaveLength(20);
  expect(log.value.at(0)).toBe("line 12");
  expect(log.value.at(-2)).toBe("red  end");
  expect(log.value.at(-1)).toBe(`${"x".repeat(499)}…`);
  expect(await reader.log(container, { previous: true })).toEqual(ok([]));
  expect(kubernetes.calls()).toEqual([
    "/api/v1/namespaces/mw-web/pods/main/log?container=php&tailLines=20&limitBytes=16384",
    "/api/v1/namespaces/mw-web/pods/main/log?container=php&tailLines=20&limitBytes=16384&previous=true",
  ]);
});

it("names cannot lead a call elsewhere", async () => {
  const { kubernetes, reader } = await readFake();
  await reader.hasNamespace("../secrets?x=1#");
  await reader.configMap("a/../b", "%2e%2e");
  expect(kubernetes.calls()).toEqual([
    "/api/v1/namespaces/..%2Fsecrets%3Fx%3D1%23",
    "/api/v1/namespaces/a%2F..%2Fb/configmaps/%252e%252e",
  ]);
});
