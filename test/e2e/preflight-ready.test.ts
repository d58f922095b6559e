import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import * as z from "zod";
import { releaseId } from "../../src/core/common/release.ts";
import type { Cluster } from "./support/cluster.ts";
import { fixtures } from "./support/fixtures.ts";
import { type Kubelet, startKubelet } from "./support/kubelet.ts";
import { treeNamespaces } from "./support/namespaces.ts";
import { type OperatorShell, openOperatorShell } from "./support/operator-shell.ts";
import { codesIn, remediesIn, reportIn } from "./support/preflight.ts";
import { grantRights, revokeRights } from "./support/rights.ts";
import { deleteService } from "./support/services.ts";
import { simulate, simulatePreflight } from "./support/simulated-rollout.ts";
import { describeWithTools } from "./support/tools.ts";
import { takeCluster } from "./support/worker-cluster.ts";

// Each test leaves the cluster as it found it.
describeWithTools("preflight of a cluster that was restored", () => {
  let cluster: Cluster;
  let kubelet: Kubelet;
  let shell: OperatorShell;

  beforeAll(async () => {
    cluster = await takeCluster();
    kubelet = await startKubelet(cluster, { backOff: 1 });
    await cluster.createNamespaces(...treeNamespaces);
    shell = openOperatorShell({ cluster, timeout: 600 });
    const services = ["mw-cron", "mw-debug", "mw-script", "mw-web", "shop"].flatMap((name) => ["-s", name]);
    const { exitCode, stderr } = await shell.charlie(["restore", "-e", "eqiad", "--yes", ...services]);
    if (exitCode !== 0) throw new Error(stderr);
  });

  afterEach(() => revokeRights(cluster));

  afterAll(async () => {
    shell?.close();
    await kubelet?.stop();
    await cluster?.stop();
  });

  const preflight = async (args: readonly string[], input = "") => {
    const asked = await shell.charlie(["preflight", "-e", "eqiad", ...args], { input });
    return { exitCode: asked.exitCode, report: reportIn(asked) };
  };

  const releases = (...ids: readonly string[]) => ids.flatMap((id) => ["--release", id]);

  const everything = ["mw-cron/main", "mw-debug/pinkunicorn", "mw-web/canary", "mw-web/main", "shop/main"];

  it("is ready, whichever way it is asked, with no more rights than to list, and writes nothing", async () => {
    await grantRights(
      cluster,
      { verbs: ["list"], resources: ["pods", "services", "secrets"] },
      { verbs: ["get"], resources: ["namespaces"] },
    );
    const inventory = join(shell.folder, "eqiad.json");
    writeFileSync(inventory, (await shell.charlie(["inventory", "-e", "eqiad"])).stdout);
    const before = await objects(cluster);
    const ask = async (args: readonly string[], input?: string) => {
      const own = ["--kubeconfig", cluster.strangerKubeconfigFile];
      const { exitCode, report } = await preflight([...args, ...own], input);
      expect({ exitCode, ready: report.ready, unread: report.couldNotCheck }).toEqual({
        ...{ exitCode: 0, ready: true, unread: [] },
      });
      return report.targets.map(
        ({ namespace, release, exists }) => `${namespace}/${release} ${exists ? "exists" : "is new"}`,
      );
    };
    const all = everything.map((id) => `${id} exists`);
    expect(await ask(releases(...everything))).toEqual(all);
    expect(await ask(["--stdin"], JSON.stringify({ releases: everything }))).toEqual(all);
    expect(await ask(["--deployments", join(fixtures, "deployments.yaml")])).toEqual([
      "mw-debug/pinkunicorn exists",
      "mw-web/canary exists",
      "mw-web/main exists",
    ]);
    expect(await ask([])).toEqual([
      "mw-cron/main exists",
      "mw-debug/pinkunicorn exists",
      "mw-script/* is new",
      "mw-web/canary exists",
      "mw-web/main exists",
      "mw-web/migration is new",
      "shop/main exists",
    ]);
    expect(await ask(["--inventory", inventory])).toEqual([
      "mw-cron/main exists",
      "mw-debug/pinkunicorn exists",
      "mw-script/* is new",
      "mw-web/canary exists",
      "mw-web/main exists",
      "shop/main exists",
    ]);
    expect(await objects(cluster)).toEqual(before);
  });

  it("in an environment where nothing is required is ready, and says why", async () => {
    const asked = ["preflight", "-e", "staging", "--release", "mw-debug/pinkunicorn"];
    const result = await shell.charlie(asked);
    expect(result.exitCode).toBe(0);
    expect(codesIn(reportIn(result))).toEqual({ "mw-debug/pinkunicorn": ["nothing-required"] });
    expect(result.stderr).toMatch(
      /^note: namespace mw-debug: MediaWiki needs nothing first: the registry requires prometheus in eqiad, codfw, not in staging \(/m,
    );
  });

  it("a Service that was deleted is brought back by the remedy, and then containers older than it are found until a restart", async () => {
    await deleteService(cluster, "mw-web");
    const gone = await preflight(releases("mw-web/canary", "mw-web/main"));
    expect(gone.exitCode).toBe(1);
    expect(codesIn(gone.report)).toEqual({
      "mw-web/canary": ["service-missing"],
      "mw-web/main": ["service-missing"],
    });
    const [rollback = ""] = remediesIn(gone.report, "mw-web/main");
    expect(await shell.sh(rollback)).toMatchObject({ exitCode: 0 });

    const stale = await preflight(releases("mw-web/canary", "mw-web/main", "mw-debug/pinkunicorn"));
    expect(stale.exitCode).toBe(1);
    const codes = {
      "mw-debug/pinkunicorn": [],
      "mw-web/canary": ["container-older-than-service"],
      "mw-web/main": ["container-older-than-service"],
    };
    expect(codesIn(stale.report)).toEqual(codes);
    expect(remediesIn(stale.report, "mw-web/main")).toEqual([
      `kubectl --kubeconfig ${cluster.kubeconfigFile} -n mw-web rollout restart deployment/mediawiki-main`,
    ]);

    kubelet.restart("mw-web", "canary");
    kubelet.restart("mw-web", "main");
    await expect
      .poll(async () => (await preflight(releases("mw-web/canary", "mw-web/main"))).exitCode, {
        timeout: 20_000,
      })
      .toBe(0);

    const backend = await simulate(shell);
    await backend.deploy(["mw-debug", "mw-web"].map((namespace) => releaseId(namespace, "prometheus")));
    await backend.deploy(stale.report.targets.map(({ namespace, release }) => releaseId(namespace, release)));
    backend.recreateService("mw-web", "statsd-exporter-prometheus");
    expect(codesIn(await simulatePreflight(shell, backend, stale.report))).toEqual(codes);
  });
});

const listSchema = z.object({
  items: z.array(z.object({ metadata: z.looseObject({ uid: z.string(), resourceVersion: z.string() }) })),
});

/** Every object of the cluster that a preflight has to do with, and its version: any change shows. */
async function objects({ request }: Cluster): Promise<readonly string[]> {
  const collections = ["pods", "services", "secrets", "configmaps", "namespaces", "events"];
  const lists = await Promise.all(collections.map((name) => request("GET", `/api/v1/${name}`)));
  return lists.flatMap((list) =>
    listSchema.parse(list).items.map(({ metadata }) => `${metadata.uid} ${metadata.resourceVersion}`),
  );
}
