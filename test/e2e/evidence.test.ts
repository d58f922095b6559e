import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { listenTo } from "./support/during.ts";
import { chartFile, edit } from "./support/edit.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { neverReady } from "./support/never-ready.ts";
import { simulateRollout } from "./support/simulated-rollout.ts";
import { outcomesIn } from "./support/summary.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("evidence, which is told and kept before atomic removes it", () => {
  const at = useEmptyCluster({ services: ["mw-cron", "mw-web"] });

  const restore = (args: readonly string[], env: Record<string, string> = {}) =>
    at.shell.charlie(["restore", "-e", "eqiad", "--yes", "-o", "json", "--with-mediawiki", ...args], { env });

  // https://phabricator.wikimedia.org/T397685: MediaWiki, although its support release is not there and will not be.
  const withoutSupport = ["-s", "mw-web", "--skip-gate", "support"];
  const reads = "mw-web/canary: reads STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST";
  const why =
    "and mw-web has no Service statsd-exporter-prometheus: mw-web/prometheus would provide it, and is not deployed: its step mw-web/prometheus failed";
  const remedy = "charlie-mediawiki apply --support-only -e eqiad -s mw-web";
  const outcomes = { "mw-web/prometheus": "failed", "mw-web/canary": "failed", "mw-web/main": "blocked" };

  const simulated = (failFast: boolean) =>
    simulateRollout(at.shell, {
      mode: "restore",
      withMediawiki: true,
      selection: { service: ["mw-web"] },
      skipGates: ["support"],
      neverReady: "mw-web/prometheus",
      failFast,
    });

  it("names the variable, the Service, the release that would provide it, and the command that deploys it", async () => {
    const logs = join(at.shell.folder, "logs");
    // helm's patience with MediaWiki.
    const env = { ...neverReady(at.shell, "mw-web/prometheus"), E2E_TIMEOUT: "8" };
    const command = restore([...withoutSupport, "--log_dir", logs], env);
    const toldAt = await listenTo(command).until(`  to do: ${remedy}\n`);
    const [crash] = at.kubelet.history.filter(
      ({ kind, release }) => kind === "crashed" && release === "canary",
    );
    expect(toldAt - (crash?.at ?? 0)).toBeLessThan(5_000);
    expect(await at.shell.releasesIn("mw-web")).toEqual({ canary: "pending-install" });

    const { exitCode, stdout, stderr } = await command;
    expect(exitCode).toBe(1);
    expect(outcomesIn(stdout)).toEqual(outcomes);
    expect(await at.shell.releases()).toEqual({});
    const verdict = `${reads} (ConfigMap canary-php-envvars), ${why}`;
    expect(stderr).toContain(`! [mw-web eqiad] ${verdict}\n  [mw-web eqiad]   to do: ${remedy}\n`);

    const log = readFileSync(join(logs, "mw-web_canary.log"), "utf8");
    const seen = log.split("\n").flatMap((line) => /^# seen in the cluster: (.*)$/.exec(line)?.[1] ?? []);
    const crashed = expect.stringMatching(
      /^pod mw-web\/mediawiki-canary-\S+, container mediawiki-canary-app: exits with 78 \(Error\)/,
    );
    expect(seen).toEqual(
      expect.arrayContaining([
        crashed,
        "  | ERROR: FPM initialization failed",
        verdict,
        `  to do: ${remedy}`,
      ]),
    );
    expect(log).toContain("release canary failed, and has been uninstalled due to atomic being set");
    // What was seen explains the failure at the end too.
    expect(stderr.slice(stderr.indexOf("restore of eqiad took"))).toContain(verdict);

    const { outcomes: ended, evidence } = await simulated(false);
    expect(ended).toEqual(outcomes);
    expect(new Set(evidence.map(({ kind }) => kind))).toEqual(
      new Set(["waiting", "crashed", "log", "missing-variable"]),
    );
    const missing = { kind: "missing-variable", subject: "mw-web/canary", remedy };
    expect(evidence.filter(({ kind }) => kind === "missing-variable")).toEqual([
      { ...missing, message: expect.stringMatching(`${why}$`) },
      // The second crash of the same kind makes it certain.
      { ...missing, message: expect.stringMatching(`${why}; no restart can mend it$`), conclusive: true },
    ]);
  });

  it("with --fail-fast ends what cannot succeed within seconds, and leaves helm the time to roll back", async () => {
    // helm would wait for MediaWiki for ten minutes.
    const env = neverReady(at.shell, "mw-web/prometheus");
    const { exitCode, stdout, stderr } = await restore([...withoutSupport, "--fail-fast"], env);
    expect(exitCode).toBe(1);
    expect(outcomesIn(stdout)).toEqual(outcomes);
    expect(stderr).toContain(why);
    expect(stderr).toContain("Release canary has been cancelled.");
    expect(await at.shell.releases()).toEqual({});
    expect((await simulated(true)).outcomes).toEqual(outcomes);
  });

  it("names a ConfigMap that a pod waits for, while it waits", async () => {
    edit(
      chartFile(at.shell, "mediawiki-common", "templates", "configmap.yaml"),
      "  name: {{ .Release.Name }}\n",
      "  name: {{ .Release.Name }}-of-another-name\n",
    );
    const command = restore(["-s", "mw-cron", "--fail-fast"]);
    await listenTo(command).until(
      "ConfigMap mw-cron/mediawiki-common: is not there, and pod mw-cron/mediawiki-main-",
    );
    // Somebody may make it yet, so that this ends no step.
    expect(await at.shell.releasesIn("mw-cron")).toMatchObject({ main: "pending-install" });
    command.kill("SIGINT");
    expect(await command).toMatchObject({ exitCode: 130 });
    expect(await at.shell.releasesIn("mw-cron")).toEqual({
      "mediawiki-common": "deployed",
      prometheus: "deployed",
    });
  });
});
