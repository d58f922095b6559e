import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Cluster } from "./support/cluster.ts";
import { type Kubelet, startKubelet } from "./support/kubelet.ts";
import { type OperatorShell, openOperatorShell } from "./support/operator-shell.ts";
import { simulate } from "./support/simulated-rollout.ts";
import { describeWithTools } from "./support/tools.ts";
import { takeCluster } from "./support/worker-cluster.ts";

const variable = "STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST";

// https://phabricator.wikimedia.org/T397685, with helmfile and helm alone: what this package is for.
describeWithTools("a namespace of MediaWiki on an empty cluster", () => {
  let cluster: Cluster;
  let kubelet: Kubelet;
  let shell: OperatorShell;

  beforeAll(async () => {
    cluster = await takeCluster();
    kubelet = await startKubelet(cluster, { backOff: 1 });
    await cluster.createNamespaces("mw-web", "mw-cron");
    shell = openOperatorShell({ cluster });
  });

  afterEach(() => cluster.wipe());

  afterAll(async () => {
    shell?.close();
    await kubelet?.stop();
    await cluster?.stop();
  });

  const sync = (namespace: string, release: string, env: Record<string, string> = {}) =>
    shell.helmfile(namespace, ["--environment", "eqiad", "--selector", `name=${release}`, "sync"], { env });

  it("MediaWiki alone fails: it crash-loops while helm waits, and atomic removes it", async () => {
    const { exitCode, stderr } = await sync("mw-web", "main", { E2E_TIMEOUT: "6" });
    expect(exitCode).toBe(1);
    expect(stderr).toContain("release main failed, and has been uninstalled due to atomic being set");
    const starts = kubelet.starts("mw-web", "main");
    expect(starts.length).toBeGreaterThan(1);
    expect(new Set(starts.map((start) => start.missing.join()))).toEqual(new Set([variable]));
    expect(await shell.releasesIn("mw-web")).toEqual({});
  });

  it("the simulated cluster tells the same of MediaWiki alone", async () => {
    const simulated = await simulate(shell);
    const lines: string[] = [];
    const result = await simulated.run(
      { service: "mw-web", helmfile: "", releases: ["mw-web/main"], action: "sync" },
      { signal: new AbortController().signal, output: (line) => lines.push(line) },
    );
    expect(result).toMatchObject({ ok: false, failure: { kind: "exit", exitCode: 1 } });
    expect(lines.join("\n")).toContain(
      "release main failed, and has been uninstalled due to atomic being set",
    );
    expect(simulated.crashes()).toMatchObject([{ release: "mw-web/main", variable }]);
    expect(simulated.crashes()[0]?.crashes).toBeGreaterThan(1);
    expect(simulated.statuses()).toEqual(new Map());
  });

  it("MediaWiki comes up after the support release", async () => {
    expect(await sync("mw-web", "prometheus")).toMatchObject({ exitCode: 0 });
    const before = kubelet.starts("mw-web", "main").length;
    expect(await sync("mw-web", "main")).toMatchObject({ exitCode: 0 });
    const starts = kubelet.starts("mw-web", "main").slice(before);
    expect(starts).toMatchObject([{ restarts: 0, missing: [] }]);
    expect(starts[0]?.variables).toHaveProperty(variable);
    expect(await shell.releasesIn("mw-web")).toEqual({ main: "deployed", prometheus: "deployed" });
  });

  it("a command-line release is deployed without its variable, and has it only after a restart", async () => {
    for (const release of ["mediawiki-common", "main", "prometheus"]) {
      expect(await sync("mw-cron", release)).toMatchObject({ exitCode: 0 });
    }
    expect(kubelet.starts("mw-cron", "main")).toMatchObject([{ restarts: 0, missing: [variable] }]);
    kubelet.restart("mw-cron", "main");
    await expect.poll(() => kubelet.starts("mw-cron", "main")[1]).toMatchObject({ restarts: 1, missing: [] });
  });
});
