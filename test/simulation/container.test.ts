import { describe, expect, it } from "vitest";
import { releaseId } from "../../src/core/release.ts";
import { type Clock, virtualClock } from "../../src/simulation/clock.ts";
import { backOffMs, type ContainerSpec, runContainer } from "../../src/simulation/container.ts";
import { type ServiceDirectory, serviceDirectory } from "../../src/simulation/service-directory.ts";
import { serviceOf, variableOf } from "../../src/simulation/service-variable.ts";
import { exporter, variable, web } from "./support/small-cluster.ts";

function place(): { clock: Clock; services: ServiceDirectory } {
  return { clock: virtualClock(), services: serviceDirectory() };
}

function spec(changes: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    release: web,
    namespace: "mw-web",
    pod: "mediawiki-main-1",
    startDelayMs: 1000,
    readyMs: 500,
    variables: [variable],
    livesWithout: false,
    onReady: () => {},
    onCrash: () => {},
    ...changes,
  };
}

const statsd = (createdAt: number) => ({ name: "statsd-exporter-prometheus", release: exporter, createdAt });

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
  it("gets exactly the Services that its own namespace has when it starts", async () => {
    const { clock, services } = place();
    const elsewhere = releaseId("mw-api", "prometheus");
    services.add("mw-web", statsd(0));
    services.add("mw-web", { name: "gone-by-then", release: web, createdAt: 0 });
    services.add("mw-api", { name: "of-another-namespace", release: elsewhere, createdAt: 0 });
    const container = runContainer(spec(), { clock, services });
    clock.background(900, () => services.removeOf("mw-web", web));
    clock.background(1100, () => services.add("mw-web", { name: "too-late", release: web, createdAt: 1100 }));
    await clock.sleep(5000);
    expect(container.services).toEqual([statsd(0)]);
    expect([container.state, container.ready, container.startedAt]).toEqual(["running", true, 1000]);
  });

  it("crashes without its variable, and starts anew after each back-off", async () => {
    const { clock, services } = place();
    const crashedAt: number[] = [];
    runContainer(spec({ onCrash: () => crashedAt.push(clock.now() / 1000) }), { clock, services });
    await clock.sleep(1_000_000);
    expect(crashedAt).toEqual([1, 11, 31, 71, 151, 311, 611, 911]);
  });

  it("is ready as soon as a restart finds the Service", async () => {
    const { clock, services } = place();
    const readyAt: number[] = [];
    const container = runContainer(spec({ onReady: () => readyAt.push(clock.now()) }), { clock, services });
    clock.background(12_000, () => services.add("mw-web", statsd(12_000)));
    await clock.sleep(100_000);
    expect(readyAt).toEqual([31_500]);
    expect([container.crashes, container.startedAt, container.missing]).toEqual([2, 31_000, []]);
  });

  it("runs on without its variable if it does not need it to live, until it is restarted", async () => {
    const { clock, services } = place();
    const container = runContainer(spec({ livesWithout: true }), { clock, services });
    clock.background(2000, () => services.add("mw-web", statsd(2000)));
    await clock.sleep(600_000);
    expect([container.state, container.ready, container.missing]).toEqual(["running", true, [variable]]);
    container.restart();
    await clock.sleep(500);
    expect([container.ready, container.missing]).toEqual([true, []]);
  });

  it("does nothing any more once it is removed", async () => {
    const { clock, services } = place();
    const container = runContainer(spec({ onCrash: () => expect.unreachable() }), { clock, services });
    container.remove();
    container.restart();
    await clock.sleep(10_000);
    expect([container.state, container.startedAt]).toEqual(["removed", undefined]);
  });
});
