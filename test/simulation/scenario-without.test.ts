import { describe, expect, it } from "vitest";
import { renderScenarioWithout } from "../../src/simulation/render-without.ts";
import { scenarioWithout } from "../../src/simulation/scenario-without.ts";
import { wikimediaModel } from "../../src/simulation/wikimedia-model.ts";
import { eqiad } from "./support/eqiad.ts";

describe("an empty cluster without the plugin", () => {
  it("goes wrong in scap's way and in charlie's way, in words that people read", async () => {
    const text = renderScenarioWithout(await scenarioWithout({ tree: eqiad() })).join("\n");
    await expect(`${text}\n`).toMatchFileSnapshot("__snapshots__/scenario-without.txt");
  });

  it("fails for scap in every release whose php-fpm reads the variable, and for no other", async () => {
    const { scap } = await scenarioWithout({ tree: eqiad(), seed: 3 });
    const failed = [...scap.failed, ...scap.afterwards.failed];
    expect(failed.length).toBe(27);
    expect(failed.every(({ provider, release }) => provider === `${release.split("/")[0]}/prometheus`)).toBe(
      true,
    );
    expect(failed.every(({ status }) => status === "absent")).toBe(true);
    expect(scap.afterwards.deployed).toEqual(["mw-cron/main", "mw-videoscaler/main"]);
    expect(scap.durationMs).toBeGreaterThan(600_000);
    expect(scap.runningWithout).toMatchObject([
      { release: "mw-cron/main", provider: "mw-cron/prometheus", serviceExists: false },
      { release: "mw-videoscaler/main", serviceExists: false },
    ]);
  });

  it("crash-loops for charlie, in some releases only, and leaves jobs that run on without", async () => {
    const { charlie } = await scenarioWithout({ tree: eqiad(), seed: 3 });
    expect([charlie.services, charlie.deployed.length, charlie.failed]).toEqual([64, 133, []]);
    expect(charlie.crashes.records.length).toBeGreaterThan(0);
    expect(charlie.crashes.records.length).toBeLessThan(27);
    expect(charlie.runningWithout.map(({ release }) => release)).toContain("mw-videoscaler/main");
  });

  it("is the same for the same seed, and another for another", async () => {
    const play = (seed: number) => scenarioWithout({ tree: eqiad(), seed });
    expect(await play(1)).toEqual(await play(1));
    expect(await play(1)).not.toEqual(await play(2));
  });

  it("has no crash for charlie where the Service is there before any container starts", async () => {
    const soon = { chart: "statsd-exporter", model: { helmMs: [1, 1], serviceDelayMs: [1, 1] } } as const;
    const model = { ...wikimediaModel, overrides: [...wikimediaModel.overrides, soon] };
    const { charlie } = await scenarioWithout({ tree: eqiad(), model });
    expect(charlie.crashes.pods).toBe(0);
    expect(charlie.runningWithout.map(({ release }) => release)).toEqual(["mw-videoscaler/main"]);
  });

  it("sees the jobs that start after the last deployment has ended", async () => {
    const { services, ...rest } = eqiad();
    const tree = { ...rest, services: services.filter(({ name }) => name === "mw-videoscaler") };
    const { scap, charlie } = await scenarioWithout({ tree });
    for (const act of [scap, charlie]) {
      expect(act.runningWithout).toMatchObject([{ pods: { length: 3 }, serviceExists: false }]);
    }
  });

  it("leaves out the services that the operator excludes", async () => {
    const { charlie } = await scenarioWithout({ tree: eqiad(), exclude: ["mw-videoscaler"] });
    expect(charlie.services).toBe(63);
    expect(charlie.deployed).not.toContain("mw-videoscaler/main");
  });
});
