import { describe, expect, it } from "vitest";
import { releaseId } from "../../src/core/common/release.ts";
import { serviceOf, variableOf } from "../../src/core/manifests/service-variable.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import { backOffMs, type ContainerSpec, runContainer } from "../../src/simulation/container.ts";
import { containerChanges } from "../../src/simulation/container-changes.ts";
import { serviceDirectory } from "../../src/simulation/service-directory.ts";
import { exporter, variable, web } from "./support/small-cluster.ts";

function place() {
  const clock = virtualClock();
  return { clock, services: serviceDirectory(clock), changes: containerChanges() };
}

function spec(changes: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    release: web,
    namespace: "mw-web",
    pod: "mediawiki-main-1",
    owner: { kind: "Deployment", name: "mediawiki-main" },
    name: "mediawiki-main-app",
    startDelayMs: 1000,
    readyMs: 500,
    variables: [variable],
    livesWithout: false,
    onReady: () => {},
    onCrash: () => {},
    ...changes,
  };
}

const statsd = { namespace: "mw-web", name: "statsd-exporter-prometheus", release: exporter, lagMs: 0 };

describe("kubelet's back-off", () => {
  it("is 10 s after the first crash, doubles with each, and stays at five minutes", () => {
    const series = [1, 2, 3, 4, 5, 6, 7, 8].map(backOffMs);
    expect(series).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  });
});

describe("a service variable", () => {
  it("is made of the Service's name, and leads back to it", () => {
    expect(variableOf("statsd-exporter-prometheus")).toBe(variable);
    expect(serviceOf(variable)).toBe("statsd-exporter-prometheus");
  });
});

describe("a container", () => {
  it("gets exactly the Services of its own namespace that kubelets know of when it starts", async () => {
    const { clock, services, changes } = place();
    services.create(statsd);
    services.create({ ...statsd, name: "gone-by-then", release: web });
    services.create({ ...statsd, name: "not-known-yet", lagMs: 1001 });
    services.create({ ...statsd, namespace: "mw-api", release: releaseId("mw-api", "prometheus") });
    const container = runContainer(spec(), { clock, services, changes });
    clock.background(900, () => services.removeOf("mw-web", web));
    clock.background(1100, () => services.create({ ...statsd, name: "too-late" }));
    await clock.sleep(5000);
    expect(container.services.map(({ name }) => name)).toEqual(["statsd-exporter-prometheus"]);
    expect([container.state, container.ready, container.startedAt]).toEqual(["running", true, 1000]);
  });

  it("crashes without its variable, and starts anew after each back-off", async () => {
    const { clock, ...rest } = place();
    const crashedAt: number[] = [];
    runContainer(spec({ onCrash: () => crashedAt.push(clock.now() / 1000) }), { clock, ...rest });
    await clock.sleep(1_000_000);
    expect(crashedAt).toEqual([1, 11, 31, 71, 151, 311, 611, 911]);
  });

  it("is ready as soon as a restart finds the Service", async () => {
    const around = place();
    const { clock, services } = around;
    const readyAt: number[] = [];
    const container = runContainer(spec({ onReady: () => readyAt.push(clock.now()) }), around);
    clock.background(12_000, () => services.create(statsd));
    await clock.sleep(100_000);
    expect(readyAt).toEqual([31_500]);
    expect([container.crashes, container.startedAt, container.missing]).toEqual([2, 31_000, []]);
    expect([container.restarts, container.lastEnd]).toEqual([2, { startedAt: 11_000, exitCode: 78 }]);
  });

  it("runs on without its variable if it does not need it to live, until it is restarted", async () => {
    const { clock, services, changes } = place();
    const container = runContainer(spec({ livesWithout: true }), { clock, services, changes });
    clock.background(2000, () => services.create(statsd));
    await clock.sleep(600_000);
    expect([container.state, container.ready, container.missing]).toEqual(["running", true, [variable]]);
    expect([container.restarts, container.lastEnd]).toEqual([0, undefined]);
    container.restart();
    await clock.sleep(500);
    expect([container.ready, container.missing]).toEqual([true, []]);
    expect([container.restarts, container.lastEnd]).toEqual([1, { startedAt: 1000, exitCode: 0 }]);
  });

  it("tells of its creation, its start, its readiness and its removal, and of nothing else", async () => {
    const { clock, changes, services } = place();
    const told: unknown[] = [];
    changes.listen("mw-web", ({ state, ready }) => told.push([clock.now(), state, ready]));
    changes.listen("mw-api", () => expect.unreachable());
    const container = runContainer(spec({ variables: [] }), { clock, changes, services });
    await clock.sleep(5000);
    container.remove();
    expect(told).toEqual([
      [0, "waiting", false],
      [1000, "running", false],
      [1500, "running", true],
      [5000, "removed", false],
    ]);
  });

  it("does nothing any more once it is removed", async () => {
    const { clock, ...rest } = place();
    const container = runContainer(spec({ onCrash: () => expect.unreachable() }), { clock, ...rest });
    container.remove();
    container.restart();
    await clock.sleep(10_000);
    expect([container.state, container.startedAt]).toEqual(["removed", undefined]);
  });
});
