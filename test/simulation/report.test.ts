import { describe, expect, it } from "vitest";
import { releaseId } from "../../src/core/common/release.ts";
import { simulatedBackend } from "../../src/simulation/backend.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import { renderClusterSummary, summarizeCluster } from "../../src/simulation/report.ts";
import { exporter, fixedModel, release, script, treeOf, web } from "./support/small-cluster.ts";

const videoscaler = releaseId("mw-videoscaler", "main");
const provider = releaseId("mw-cron", "prometheus");
const broken = releaseId("mw-api", "main");

function emptyCluster() {
  const clock = virtualClock();
  const job = {
    chart: "mediawiki",
    namespace: "mw-videoscaler",
    model: { kind: "Job", livesWithout: true },
  } as const;
  const mw = simulatedBackend({
    tree: treeOf(
      release(exporter, "statsd-exporter"),
      release(web, "mediawiki"),
      release(provider, "statsd-exporter"),
      release(script, "mediawiki"),
      release(videoscaler, "mediawiki"),
      release(broken, "mediawiki", { atomic: false, timeout: 20 }),
    ),
    clock,
    model: { ...fixedModel, overrides: [...fixedModel.overrides, job] },
  });
  return { clock, mw };
}

describe("the summary of a cluster", () => {
  it("says what is deployed, what crashed and what runs on without its variable", async () => {
    const { clock, mw } = emptyCluster();
    await mw.deploy([exporter, web, provider, script, videoscaler, broken]);
    await clock.sleep(60_000);
    const text = renderClusterSummary(summarizeCluster(mw)).join("\n");
    await expect(`${text}\n`).toMatchFileSnapshot("__snapshots__/cluster-summary.txt");
  });

  it("says that nothing crashed where nothing did", async () => {
    const { mw } = emptyCluster();
    await mw.deploy([exporter]);
    await mw.deploy([web]);
    expect(renderClusterSummary(summarizeCluster(mw))).toEqual([
      "releases deployed in eqiad: 2",
      "pods crashed: none",
    ]);
  });

  it("says that a Service is not there, and who would provide it, where its release was never deployed", async () => {
    const { clock, mw } = emptyCluster();
    await mw.deploy([script]);
    await clock.sleep(60_000);
    expect(renderClusterSummary(summarizeCluster(mw)).at(-1)).toBe(
      "runs on without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST: mw-cron/main " +
        "(the Service statsd-exporter-prometheus is not there: mw-cron/prometheus would provide it)",
    );
  });
});
