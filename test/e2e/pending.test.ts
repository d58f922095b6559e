import { expect, it } from "vitest";
import { chartFile } from "./support/edit.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { stateOf } from "./support/releases.ts";
import { outcomesIn } from "./support/summary.ts";
import { describeWithTools } from "./support/tools.ts";
import { until } from "./support/until.ts";

describeWithTools("releases that a killed helm left half done", () => {
  const at = useEmptyCluster({ services: ["miscweb", "mw-web", "thumbor", "toolhub"] });

  const services = ["-s", "mw-web", "-s", "thumbor", "-s", "toolhub", "-s", "miscweb"];

  const apply = (...flags: readonly string[]) =>
    at.shell.charlie(["apply", "-e", "eqiad", "--yes", "-o", "json", ...services, ...flags]);

  /** Lets helm do it until the release is in that state, and kills helm there. */
  const killHelm = async (
    args: readonly string[],
    { release, leaves }: { release: string; leaves: string },
  ) => {
    const helm = at.shell.helm([...args, "--wait", "--timeout", "10m"]);
    await until(`${release} is ${leaves}`, async () => (await stateOf(at.cluster, release)) === leaves);
    helm.kill("SIGKILL");
    await helm;
  };

  const neverReady = ["--set", "neverReady=true"];

  it("block their steps and nothing else, and --fix-pending mends each as it has to be", async () => {
    const toolhub = ["main", chartFile(at.shell, "toolhub"), "--namespace", "toolhub"];
    await killHelm(["install", ...toolhub, ...neverReady], {
      release: "toolhub/main",
      leaves: "pending-install 1",
    });
    const thumbor = ["main", chartFile(at.shell, "thumbor"), "--namespace", "thumbor"];
    await at.shell.helm(["install", ...thumbor]);
    await killHelm(["upgrade", ...thumbor, ...neverReady], {
      release: "thumbor/main",
      leaves: "pending-upgrade 2",
    });
    // Revision 1 never gets ready, 2 does, and the rollback from 3 to 1 hangs: it has to go on with 2.
    const prometheus = ["prometheus", chartFile(at.shell, "statsd-exporter"), "--namespace", "mw-web"];
    await at.shell.helm(["install", ...prometheus, ...neverReady]);
    await at.shell.helm(["upgrade", ...prometheus, "--wait", "--set", "neverReady=false"]);
    await killHelm(["rollback", "prometheus", "1", "--namespace", "mw-web"], {
      release: "mw-web/prometheus",
      leaves: "pending-rollback 3",
    });

    const blocked = await apply();
    expect(blocked.exitCode).toBe(1);
    expect(outcomesIn(blocked.stdout)).toEqual({
      miscweb: "succeeded",
      "mw-web/prometheus": "blocked",
      thumbor: "blocked",
      toolhub: "blocked",
    });
    expect(blocked.stderr).toMatch(
      /^left half done, blocks its step; --fix-pending mends it, if no helm works on it now: mw-web\/prometheus is pending-rollback since \S+Z, thumbor\/main is pending-upgrade since \S+Z, toolhub\/main is pending-install since \S+Z$/m,
    );
    const { kubeconfigFile } = at.cluster;
    expect(blocked.stderr).toContain(
      `mends it, by: helm uninstall main --wait --namespace toolhub --kubeconfig ${kubeconfigFile}`,
    );
    expect(await at.shell.releases()).toMatchObject({
      "mw-web/prometheus": "pending-rollback 3",
      "thumbor/main": "pending-upgrade 2",
      "toolhub/main": "pending-install 1",
    });

    const mended = await apply("--fix-pending");
    expect(mended.exitCode).toBe(0);
    expect(outcomesIn(mended.stdout)).toEqual({
      miscweb: "succeeded",
      "mw-web/prometheus": "succeeded",
      thumbor: "succeeded",
      toolhub: "succeeded",
    });
    for (const command of ["uninstall main", "rollback main 1", "rollback prometheus 2"]) {
      expect(mended.stderr).toContain(`: helm ${command} --wait --namespace `);
    }
    const releases = await at.shell.releases();
    expect(releases["toolhub/main"]).toBe("deployed 1");
    // The rollback, and what helmfile then found to change, if anything.
    expect(releases["thumbor/main"]).toMatch(/^deployed [34]$/);
    expect(releases["mw-web/prometheus"]).toMatch(/^deployed [45]$/);
  });
});
