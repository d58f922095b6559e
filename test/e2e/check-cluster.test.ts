import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from "vitest";
import type { Cluster } from "./support/cluster.ts";
import { chartFile } from "./support/edit.ts";
import { openGateway } from "./support/gateway.ts";
import { type OperatorShell, openOperatorShell } from "./support/operator-shell.ts";
import { describeWithTools } from "./support/tools.ts";
import { takeCluster } from "./support/worker-cluster.ts";

interface Answer {
  readonly findings: readonly {
    readonly code: string;
    readonly severity: string;
    readonly subject: string;
    readonly message: string;
    readonly remedy?: string;
  }[];
}

describeWithTools("check of a real cluster", () => {
  let cluster: Cluster;
  let shell: OperatorShell;
  /** What helmfile lists. What is deployed needs no charts, and no helmfile for each look at it. */
  let inventory: string;

  beforeAll(async () => {
    cluster = await takeCluster();
    await cluster.createNamespaces("mw-web", "shop");
    shell = openOperatorShell({ cluster });
    const { stdout } = await shell.charlie(["inventory", "-e", "eqiad"]);
    inventory = join(shell.folder, "eqiad.json");
    writeFileSync(inventory, stdout);
  });
  afterEach(() => cluster.wipe());
  afterAll(async () => {
    shell?.close();
    await cluster?.stop();
  });

  /** Of the services that have a namespace there, and without hints. */
  async function check(...words: readonly string[]) {
    const about = ["check", "--cluster", "-s", "mw-web", "-s", "shop", "-o", "json"];
    const { exitCode, stdout, stderr } = await shell.charlie([...about, ...words]);
    if (stdout === "") throw new Error(stderr);
    const { findings } = JSON.parse(stdout) as Answer;
    return { exitCode, findings: findings.filter(({ severity }) => severity !== "hint") };
  }

  /** There is no kubelet, so that nothing ever gets ready. */
  async function install(id: string, chart: string, ...flags: readonly string[]) {
    const [namespace = "", name = ""] = id.split("/");
    return shell.helm(["install", name, chartFile(shell, chart), "--namespace", namespace, ...flags]);
  }

  it("has nothing against a cluster that is as tree and registry say, charts and all", async () => {
    for (const id of ["mw-web/prometheus", "shop/prometheus"])
      expect(await install(id, "statsd-exporter")).toMatchObject({ exitCode: 0 });
    expect(await install("mw-web/main", "mediawiki")).toMatchObject({ exitCode: 0 });
    expect(await check("-e", "eqiad")).toEqual({ exitCode: 0, findings: [] });
  });

  it("names what no helmfile installs, and support that failed or is not there", async () => {
    const failing = await install("mw-web/prometheus", "statsd-exporter", "--wait", "--timeout", "1s");
    expect(failing.exitCode).toBe(1);
    // One that no helmfile knows, and one that is listed for another environment.
    for (const id of ["mw-web/left-over", "mw-web/migration"])
      expect(await install(id, "statsd-exporter")).toMatchObject({
        exitCode: 0,
      });
    const { exitCode, findings } = await check("--inventory", inventory);
    expect(exitCode).toBe(1);
    expect(findings.map(({ code, message, remedy }) => `${code}: ${message}; ${remedy}`)).toEqual([
      "deployed-not-listed: mw-web/left-over is in the cluster (deployed), and no helmfile installs it; uninstall it if nothing needs it any more, or add it to its helmfile",
      "deployed-not-listed: mw-web/migration is in the cluster (deployed), and no helmfile installs it; uninstall it if nothing needs it any more, or add it to its helmfile",
      "support-not-deployed: MediaWiki in mw-web requires mw-web/prometheus, which is failed in the cluster; charlie-mediawiki preflight -e eqiad tells more, and the command that deploys it",
      "support-not-deployed: MediaWiki in shop requires shop/prometheus, which is not in the cluster; charlie-mediawiki preflight -e eqiad tells more, and the command that deploys it",
    ]);
  });

  it("says of each namespace that it could not look, and takes nothing there for missing", async () => {
    const unreadable = async (kubeconfig: string) => {
      const { exitCode, findings } = await check("--inventory", inventory, "--kubeconfig", kubeconfig);
      expect(exitCode).toBe(1);
      return findings.map(({ code, severity, subject, message }) => {
        expect([code, severity]).toEqual(["cluster-unreadable", "warning"]);
        return `${subject}: ${message}`;
      });
    };
    const withoutRights = await unreadable(cluster.strangerKubeconfigFile);
    expect(withoutRights).toEqual([
      expect.stringMatching(/^mw-web: what is deployed in mw-web could not be read: .*403 Forbidden/),
      expect.stringMatching(/^shop: what is deployed in shop could not be read: .*403 Forbidden/),
    ]);

    const gateway = await openGateway(cluster);
    onTestFinished(() => gateway.cut());
    expect((await check("--inventory", inventory, "--kubeconfig", gateway.kubeconfigFile)).findings).toEqual([
      expect.objectContaining({ code: "support-not-deployed", subject: "mw-web/prometheus" }),
      expect.objectContaining({ code: "support-not-deployed", subject: "shop/prometheus" }),
    ]);
    await gateway.cut();
    const away = await unreadable(gateway.kubeconfigFile);
    expect(away).toEqual([
      expect.stringMatching(/^mw-web: what is deployed in mw-web could not be read: .*connection refused/),
      expect.stringMatching(/^shop: what is deployed in shop could not be read: .*connection refused/),
    ]);
  });
});
