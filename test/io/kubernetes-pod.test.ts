import { describe, expect, it } from "vitest";
import type { ContainerFacts, PodFacts } from "../../src/core/cluster/cluster-reader.ts";
import { parseValue } from "../../src/io/kubernetes-json.ts";
import { podSchema } from "../../src/io/kubernetes-pod.ts";
import { type PodOptions, pod } from "../support/kubernetes-objects.ts";

const longAgo = Date.parse("2026-01-01T00:00:00Z");

function factsOf(options: PodOptions = {}): PodFacts {
  const parsed = parseValue(podSchema, pod("mw-web/main-5d8f-x2kqp", options));
  if (!parsed.ok) throw new Error(parsed.failure);
  return parsed.value;
}

function containerOf(container: object): ContainerFacts | undefined {
  const spec = { containers: [{ name: "php", ...container }], volumes };
  return factsOf({ spec }).containers[0];
}

const volumes = [
  { name: "env", configMap: { name: "envvars" } },
  {
    name: "mixed",
    projected: { sources: [{ configMap: { name: "projected" } }, { secret: { name: "s" } }] },
  },
  { name: "unused", configMap: { name: "unused" } },
  { name: "scratch", emptyDir: {} },
];

it("a running pod of a release", () => {
  expect(factsOf({ release: "main" })).toEqual({
    namespace: "mw-web",
    name: "main-5d8f-x2kqp",
    release: "main",
    createdAt: longAgo,
    deleted: false,
    serviceLinks: true,
    containers: [
      {
        name: "php",
        init: false,
        state: { kind: "running", startedAt: longAgo },
        restarts: 0,
        variables: [],
        defaultedVariables: [],
        ownVariables: [],
        configMaps: [],
        envFromConfigMaps: [],
        hasSecretEnvironment: false,
      },
    ],
  });
});

it("the chart's own label goes before Kubernetes' recommended one", () => {
  const recommended = { "app.kubernetes.io/instance": "instance" };
  expect(factsOf({ labels: recommended }).release).toBe("instance");
  expect(factsOf({ release: "main", labels: recommended }).release).toBe("main");
});

describe("owner", () => {
  const ownedBy = (kind: string, name: string, hash?: string) =>
    factsOf({
      ...(hash === undefined ? {} : { labels: { "pod-template-hash": hash } }),
      metadata: {
        ownerReferences: [
          { kind: "Cache", name: "not-in-control" },
          { kind, name, controller: true },
        ],
        ...(hash === undefined ? {} : { labels: { "pod-template-hash": hash } }),
      },
    }).owner;

  it("is the Deployment behind a ReplicaSet that is named after it", () => {
    expect(ownedBy("ReplicaSet", "mw-main-5d8f", "5d8f")).toEqual({ kind: "Deployment", name: "mw-main" });
  });

  it("is a ReplicaSet that no Deployment made", () => {
    expect(ownedBy("ReplicaSet", "mw-main-5d8f", "77aa")).toEqual({
      kind: "ReplicaSet",
      name: "mw-main-5d8f",
    });
    expect(ownedBy("ReplicaSet", "mw-main-5d8f")).toEqual({ kind: "ReplicaSet", name: "mw-main-5d8f" });
  });

  it("is whatever else controls it", () => {
    expect(ownedBy("Job", "cron-1")).toEqual({ kind: "Job", name: "cron-1" });
  });
});

it("a pod that no node takes says why", () => {
  const message = "0/3 nodes are available:\n3 Insufficient cpu.";
  const condition = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
  const facts = factsOf({ status: { conditions: [condition], containerStatuses: null } });
  expect(facts.unschedulable).toBe("0/3 nodes are available: 3 Insufficient cpu.");
  expect(facts.containers[0]?.state).toEqual({ kind: "waiting", reason: "Pending" });
});

it("a pod that is being removed is deleted", () => {
  expect(factsOf({ metadata: { deletionTimestamp: "2026-01-01T00:00:30Z" } }).deleted).toBe(true);
});

it("how a container crashed", () => {
  const status = {
    name: "php",
    restartCount: 3,
    state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 40s" } },
    lastState: {
      terminated: {
        exitCode: 78,
        reason: "Error",
        message: "no\u001b[2J host",
        startedAt: "2026-01-01T00:00:01Z",
      },
    },
  };
  expect(factsOf({ status: { containerStatuses: [status] } }).containers[0]).toMatchObject({
    state: { kind: "waiting", reason: "CrashLoopBackOff", message: "back-off 40s" },
    lastEnd: { kind: "ended", exitCode: 78, reason: "Error", message: "no host", startedAt: longAgo + 1000 },
    restarts: 3,
  });
});

it("an end without a reason or a start has the reason that the exit code gives", () => {
  const ended = (exitCode: number) => ({
    name: "php",
    state: { terminated: { exitCode, startedAt: null } },
  });
  const stateOf = (exitCode: number) =>
    factsOf({ status: { containerStatuses: [ended(exitCode)] } }).containers[0]?.state;
  expect(stateOf(0)).toEqual({ kind: "ended", exitCode: 0, reason: "Completed" });
  expect(stateOf(1)).toEqual({ kind: "ended", exitCode: 1, reason: "Error" });
});

it("containers that begin first come first, and a sidecar among them does not have to end", () => {
  const spec = {
    initContainers: [{ name: "wait" }, { name: "envoy", restartPolicy: "Always" }],
    containers: [{ name: "php" }],
  };
  const status = { initContainerStatuses: [{ name: "wait", state: { terminated: { exitCode: 0 } } }] };
  expect(factsOf({ spec, status }).containers).toMatchObject([
    { name: "wait", init: true, state: { kind: "ended", exitCode: 0 } },
    { name: "envoy", init: false, state: { kind: "waiting" } },
    { name: "php", init: false, state: { kind: "running" } },
  ]);
});

it("variables of Services are found wherever a container mentions them, unless it sets them itself", () => {
  const container = containerOf({
    env: [
      { name: "STATSD_HOST", value: "$(STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST)" },
      { name: "REDIS_SERVICE_HOST", value: "10.0.0.1" },
      { name: "API", value: "$(KUBERNETES_SERVICE_HOST):$(REDIS_SERVICE_HOST)" },
    ],
    command: ["sh", "-c", `exec php --port "\${MAIN_TLS_SERVICE_PORT}" --x=A_SERVICE_HOSTNAME`],
    args: ["--statsd=$(STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST):9125", "lower_SERVICE_HOST"],
  });
  expect(container?.variables).toEqual(["STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST", "MAIN_TLS_SERVICE_PORT"]);
  expect(container?.defaultedVariables).toEqual([]);
  expect(container?.ownVariables).toEqual(["STATSD_HOST", "REDIS_SERVICE_HOST", "API"]);
});

it("a variable that is mentioned with a default only can be done without", () => {
  const container = containerOf({
    env: [{ name: "B", value: "$(B_SERVICE_HOST)" }],
    args: [`--a=\${A_SERVICE_HOST:-localhost} --b=\${B_SERVICE_HOST-}`],
  });
  expect(container).toMatchObject({
    variables: ["B_SERVICE_HOST", "A_SERVICE_HOST"],
    defaultedVariables: ["A_SERVICE_HOST"],
  });
});

it("ConfigMaps are those that the container mounts or takes variables from", () => {
  const container = containerOf({
    volumeMounts: [{ name: "env" }, { name: "mixed" }, { name: "scratch" }],
    envFrom: [
      { configMapRef: { name: "from" } },
      { secretRef: { name: "s" } },
      { prefix: "P_", configMapRef: { name: "prefixed" } },
    ],
    env: [
      { name: "A", valueFrom: { configMapKeyRef: { name: "key", key: "a" } } },
      { name: "B", valueFrom: { configMapKeyRef: { name: "envvars", key: "b" } } },
      { name: "C", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
    ],
  });
  expect(container?.configMaps).toEqual(["envvars", "projected", "from", "prefixed", "key"]);
  expect(container?.envFromConfigMaps).toEqual([
    { name: "from", prefix: "" },
    { name: "prefixed", prefix: "P_" },
  ]);
});

it("variables may come from Secrets, all keys of one or a single one", () => {
  const hasSecret = (container: object) => containerOf(container)?.hasSecretEnvironment;
  expect(hasSecret({ envFrom: [{ secretRef: { name: "s" } }] })).toBe(true);
  expect(hasSecret({ envFrom: [{ configMapRef: { name: "c" }, secretRef: null }] })).toBe(false);
  // What such a one sets has a name.
  expect(hasSecret({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "a" } } }] })).toBe(
    false,
  );
});

it("names come without what a terminal would obey", () => {
  const bad = "a\u001b[2J\u0007b";
  const facts = factsOf({
    labels: { release: bad },
    metadata: {
      name: bad,
      namespace: bad,
      labels: { release: bad, odd: "\n" },
      ownerReferences: [{ kind: bad, name: bad, controller: true }],
    },
    spec: { containers: [{ name: bad, envFrom: [{ configMapRef: { name: bad } }] }] },
    status: { containerStatuses: [{ name: bad, state: { waiting: { reason: bad } } }] },
  });
  expect(facts).toMatchObject({
    namespace: "a b",
    name: "a b",
    release: "a b",
    owner: { kind: "a b", name: "a b" },
    containers: [{ name: "a b", state: { reason: "a b" }, configMaps: ["a b"] }],
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
  expect(JSON.stringify(facts)).not.toMatch(/\\u00|[\u0000-\u001f]/);
});

it("a pod may ask for no variables of Services", () => {
  expect(factsOf({ spec: { enableServiceLinks: false } }).serviceLinks).toBe(false);
});

it("a pod of another shape is refused, with the place", () => {
  const parsed = parseValue(podSchema, pod("mw-web/a", { status: { containerStatuses: [{ name: 5 }] } }));
  expect(parsed).toEqual({
    ok: false,
    failure: expect.stringMatching(
      /^an answer that is none of .* \(status\.containerStatuses\.0\.name: .*string.*\)$/,
    ),
  });
});
