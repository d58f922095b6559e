import fc from "fast-check";
import { expect, it } from "vitest";
import { preflight, readinessOf } from "../../src/core/preflight/preflight.ts";
import type { PreflightReport } from "../../src/core/preflight/preflight-report.ts";
import {
  container,
  FakeCluster,
  type FakeNamespace,
  helmRelease,
  pod,
  service,
} from "../support/fake-cluster.ts";
import { registry } from "../support/registry.ts";

const knowledge = registry(`
namespaces:
  mw-api:
    support: [common, prometheus]
    mediawiki: [main]
  mw-debug:
    support: [prometheus]
    mediawiki: "*"
  mw-web:
    support: [prometheus]
    mediawiki: [canary, main]
services:
  prometheus: { provides: [service/statsd, service/other] }
`);

const names = ["mw-api", "mw-debug", "mw-web"] as const;
const readings = ["releases", "services", "pods", "hasNamespace"] as const;

const statuses = fc.constantFrom("deployed", "deployed", "failed", "pending-upgrade", "uninstalled");

/** A namespace in which anything may be missing, late, stale or just right. */
function holding(namespace: string): fc.Arbitrary<FakeNamespace | undefined> {
  const releases = fc
    .subarray(["common", "prometheus", "main", "canary", "pinkunicorn"])
    .chain((found) =>
      fc.tuple(
        ...found.map((name) => statuses.map((status) => helmRelease(`${namespace}/${name}`, { status }))),
      ),
    );
  const services = fc
    .subarray([
      service("statsd", { createdAt: 2000 }),
      service("other", { clusterIp: "None" }),
      service("more"),
    ])
    .chain((found) => fc.boolean().map((late) => found.map((one) => (late ? withoutIp(one) : one))));
  const startedAt = fc.constantFrom(1000, 2000, 8000);
  const pods = fc.tuple(fc.subarray(["main", "canary", "prometheus"]), startedAt).map(([found, at]) =>
    found.map((release) =>
      pod(`${namespace}/${release}`, `${release}-1`, {
        containers: [container("php", { state: { kind: "running", startedAt: at } })],
      }),
    ),
  );
  return fc.option(fc.record({ releases, services, pods }), { nil: undefined });
}

function withoutIp({ clusterIp: _, ...rest }: ReturnType<typeof service>) {
  return rest;
}

const worlds = fc.tuple(...names.map(holding)).map((found) =>
  Object.fromEntries(
    names.flatMap((name, at) => {
      const namespace = found[at];
      return namespace ? [[name, namespace]] : [];
    }),
  ),
);

const targets = fc.shuffledSubarray(
  ["mw-api/main", "mw-debug/*", "mw-debug/pinkunicorn", "mw-web/canary", "mw-web/main"],
  { minLength: 1 },
);

const failures = fc.uniqueArray(fc.tuple(fc.constantFrom(...readings), fc.constantFrom(...names)), {
  selector: (one) => one.join(" "),
});

function ask(cluster: FakeCluster, ids?: readonly string[]): Promise<PreflightReport> {
  const asked = ids?.map((id) => ({ namespace: id.split("/")[0] ?? "", release: id.split("/")[1] ?? "" }));
  return preflight(
    { environment: "eqiad", ...(asked ? { targets: asked } : {}) },
    { registry: knowledge, open: cluster.open },
  );
}

const codesOf = (report: PreflightReport, namespace: string) =>
  report.targets
    .filter((one) => one.namespace === namespace)
    .flatMap(({ findings }) => findings.map(({ code }) => code));

const isAboutContainers = (code: string) => code.startsWith("container-");

it("what could not be read is never taken for missing, and never for ready", async () => {
  await fc.assert(
    fc.asyncProperty(
      worlds,
      failures,
      fc.option(targets, { nil: undefined }),
      async (world, broken, asked) => {
        const cluster = new FakeCluster(world);
        for (const [reading, namespace] of broken) cluster.fail(reading, { in: namespace });
        const report = await ask(cluster, asked);
        for (const { namespace, exists, ready } of report.targets) {
          const codes = codesOf(report, namespace);
          const fails = (reading: string) =>
            broken.some(([one, where]) => one === reading && where === namespace);
          const isUnread = report.couldNotCheck.some((one) => one.namespace === namespace);
          // Whatever was asked and failed is told; that a namespace is there is asked only if it seems empty.
          expect(isUnread).toBe(
            fails("releases") ||
              fails("services") ||
              fails("pods") ||
              (fails("hasNamespace") && cluster.asked.includes(`hasNamespace ${namespace}`)),
          );
          if (isUnread) {
            expect(ready).toBe(false);
            expect(codes).not.toContain("namespace-missing");
          }
          if (fails("releases")) {
            expect(exists).toBeNull();
            expect(codes.filter((code) => code.startsWith("support-"))).toEqual([]);
          }
          if (fails("services")) {
            expect(codes.filter((code) => code.includes("service"))).toEqual([]);
          }
          if (fails("pods")) expect(codes.filter(isAboutContainers)).toEqual([]);
        }
        expect(report.ready).toBe(readinessOf(report) === "ready");
      },
    ),
  );
});

it("a failed reading takes nothing away from what the others found", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, targets, fc.constantFrom(...names), async (world, asked, namespace) => {
      const whole = codesOf(await ask(new FakeCluster(world), asked), namespace);
      fc.pre(!whole.includes("namespace-missing"));
      const blind = new FakeCluster(world);
      blind.fail("pods", { in: namespace });
      expect(codesOf(await ask(blind, asked), namespace)).toEqual(
        whole.filter((code) => !isAboutContainers(code)),
      );
    }),
  );
});

it("the order of targets and of what the cluster tells changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, targets, async (world, asked) => {
      const mirrored = Object.fromEntries(
        Object.entries(world).map(([name, { releases = [], services = [], pods = [] }]) => [
          name,
          { releases: releases.toReversed(), services: services.toReversed(), pods: pods.toReversed() },
        ]),
      );
      const twice = [...asked.toReversed(), ...asked];
      expect(await ask(new FakeCluster(mirrored), twice)).toEqual(await ask(new FakeCluster(world), asked));
      expect(await ask(new FakeCluster(mirrored))).toEqual(await ask(new FakeCluster(world)));
    }),
  );
});

it("a namespace costs three calls, one more where nothing is in it, and one where a pod is older than a Service", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, targets, async (world, asked) => {
      const cluster = new FakeCluster(world);
      await ask(cluster, asked);
      for (const name of new Set(asked.map((id) => id.split("/")[0] ?? ""))) {
        const { releases = [], services = [], pods = [] } = world[name] ?? {};
        const isEmpty = releases.length + services.length + pods.length === 0;
        const calls = cluster.asked.filter((call) => call.endsWith(` ${name}`));
        const looks = calls.filter((call) => /^(pods|configMap) /.test(call));
        expect(looks.filter((call) => call.startsWith("pods ")).length).toBeLessThanOrEqual(1);
        expect(calls.filter((call) => !looks.includes(call)).toSorted()).toEqual([
          ...(isEmpty ? [`hasNamespace ${name}`] : []),
          `podAges ${name}`,
          `releases ${name}`,
          `services ${name}`,
        ]);
      }
    }),
  );
});
