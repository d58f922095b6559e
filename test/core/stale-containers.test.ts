import { expect, it } from "vitest";
import type { PodFacts } from "../../src/core/cluster/cluster-reader.ts";
import type { NamespaceFacts } from "../../src/core/preflight/preflight-facts.ts";
import { staleFindingsOf } from "../../src/core/preflight/stale-containers.ts";
import { container, pod, service } from "../support/fake-cluster.ts";

const made = Date.UTC(2026, 9, 5, 11);
const statsd = service("statsd-exporter-prometheus", { createdAt: made });
const variable = "STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST";

const facts: NamespaceFacts = {
  namespace: "mw-web",
  isMissing: false,
  releases: [],
  services: [statsd],
  pods: [],
  configMaps: new Map([
    ["main-php-envvars", { keys: ["php.inc"], mentions: [{ variable, hasDefault: false }] }],
  ]),
  unread: [],
  kubeconfig: "/etc/kubernetes/mw-web.config",
};

/** A container that started so many seconds after the Service was made; before it where that is negative. */
function started(seconds: number, overrides: Parameters<typeof container>[1] = {}) {
  const startedAt = made + seconds * 1000;
  return container("php", { state: { kind: "running", startedAt }, ...overrides });
}

function main(name: string, overrides: Partial<PodFacts> = {}): PodFacts {
  return pod("mw-web/main", name, { containers: [started(-3600)], ...overrides });
}

const asked = { release: "main", service: statsd, facts, settleSeconds: 5 };

function find(...pods: PodFacts[]) {
  return staleFindingsOf(pods, asked)[0];
}

it("names the pods, the times, and the command that restarts what keeps them", () => {
  const pods = ["main-a", "main-b", "main-c", "main-d"].map((name) => main(name));
  pods.push(main("main-e", { containers: [started(-7200), started(-60)] }));
  expect(find(...pods)).toEqual({
    code: "container-older-than-service",
    severity: "error",
    subject: "release mw-web/main",
    message:
      "6 containers of 5 pods (main-a, main-b, main-c and 2 more) run since 2026-10-05T09:00:00Z, and the Service statsd-exporter-prometheus was made at 2026-10-05T11:00:00Z: until a restart, STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST is missing there or holds an old address",
    remedy: "kubectl --kubeconfig /etc/kubernetes/mw-web.config -n mw-web rollout restart deployment/main",
  });
});

it.each<[string, PodFacts]>([
  ["started when every kubelet has to know of the Service", main("a", { containers: [started(6)] })],
  [
    "was restarted since, however old its pod is",
    main("a", { createdAt: made - 86_400_000, containers: [started(6, { restarts: 3 })] }),
  ],
  [
    "does not run",
    main("a", { containers: [started(-9, { state: { kind: "waiting", reason: "CrashLoopBackOff" } })] }),
  ],
  ["comes before the others and ends", main("a", { containers: [started(-9, { init: true })] })],
  ["is being removed with its pod", main("a", { deleted: true })],
  ["gets no variables of Services at all", main("a", { serviceLinks: false })],
  ["sets the variable itself", main("a", { containers: [started(-9, { ownVariables: [variable] })] })],
  [
    "stands beside the one that wants the variable, which was restarted",
    main("a", { containers: [started(-9), started(9, { variables: [variable] })] }),
  ],
  [
    "stands beside one that was restarted and has the variable in a ConfigMap",
    main("a", { containers: [started(-9), started(9, { configMaps: ["main-php-envvars"] })] }),
  ],
])("does not take for stale a container that %s", (_, one) => {
  expect(find(one)).toBeUndefined();
});

it("warns of a container that started so soon after the Service that kubelet may not have known of it", () => {
  const job = main("dumps-29-x", { owner: { kind: "Job", name: "dumps-29" }, containers: [started(0)] });
  const pods = [main("main-a", { containers: [started(-60), started(4)] }), job];
  expect(staleFindingsOf(pods, asked)).toEqual([
    expect.objectContaining({ code: "container-older-than-service", severity: "error" }),
    {
      code: "container-soon-after-service",
      severity: "warning",
      subject: "release mw-web/main",
      message:
        "2 containers of 2 pods (main-a, dumps-29-x) started at 2026-10-05T11:00:00Z or later, within 5 s of the Service statsd-exporter-prometheus, which was made at 2026-10-05T11:00:00Z: kubelet may not have known of it, and then STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST is missing there or holds an old address until a restart",
      remedy:
        "where it does: kubectl --kubeconfig /etc/kubernetes/mw-web.config -n mw-web rollout restart deployment/main; wait for job/dumps-29: the next run has the variable",
    },
  ]);
});

it("goes by the registry's settle time, and a registry without one warns of nothing", () => {
  const pods = [main("main-a", { containers: [started(0), started(2)] })];
  expect(staleFindingsOf(pods, { ...asked, settleSeconds: 2 })).toHaveLength(1);
  expect(staleFindingsOf(pods, { ...asked, settleSeconds: 0 })).toEqual([]);
});

it("takes for stale the container that wants the variable, and no other of its pod", () => {
  const wanting = started(-60, { variables: [variable] });
  expect(find(main("main-a", { containers: [started(-9000), wanting] }))?.message).toMatch(
    /^1 container of 1 pod \(main-a\) runs since 2026-10-05T10:59:00Z/,
  );
});

it("knows for each kind of owner what restarts its pods", () => {
  const { owner: _, ...bare } = main("shell");
  const owned = (kind: string, name: string) => main(`${name}-1`, { owner: { kind, name } });
  expect(
    find(
      owned("StatefulSet", "store"),
      owned("Deployment", "main"),
      owned("DaemonSet", "node"),
      owned("ReplicationController", "old"),
      bare,
    )?.remedy.split("; "),
  ).toEqual([
    "kubectl --kubeconfig /etc/kubernetes/mw-web.config -n mw-web rollout restart daemonset/node deployment/main statefulset/store",
    "kubectl --kubeconfig /etc/kubernetes/mw-web.config -n mw-web delete pod old-1 shell",
  ]);
});

it("only warns of a job, which ends by itself: nothing may wait for as long as that takes", () => {
  const job = main("dumps-29-x", { owner: { kind: "Job", name: "dumps-29" } });
  const found = staleFindingsOf([job, main("main-a")], asked);
  expect(found.map(({ severity, remedy }) => ({ severity, remedy }))).toEqual([
    {
      severity: "error",
      remedy: "kubectl --kubeconfig /etc/kubernetes/mw-web.config -n mw-web rollout restart deployment/main",
    },
    { severity: "warning", remedy: "wait for job/dumps-29: the next run has the variable" },
  ]);
});
