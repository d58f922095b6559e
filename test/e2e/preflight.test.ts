import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { releaseId } from "../../src/core/common/release.ts";
import { during } from "./support/during.ts";
import { chartFile, edit } from "./support/edit.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { preflightExample } from "./support/fixtures.ts";
import { codesIn, remediesIn, reportIn } from "./support/preflight.ts";
import { killProcessesOf } from "./support/processes.ts";
import { simulate, simulatePreflight } from "./support/simulated-rollout.ts";
import { describeWithTools } from "./support/tools.ts";

const pythonIsThere = spawnSync("python3", ["--version"]).status === 0;
if (!pythonIsThere) console.warn("skipped: the example in Python: python3 is not on PATH");

describeWithTools("preflight of an empty cluster", () => {
  const at = useEmptyCluster({ services: ["mw-debug", "mw-web", "shop"] });

  const preflight = async (args: readonly string[]) => {
    const result = await at.shell.charlie(["preflight", "-e", "eqiad", ...args]);
    return { exitCode: result.exitCode, report: reportIn(result), stderr: result.stderr };
  };

  const releases = (...ids: readonly string[]) => ids.flatMap((id) => ["--release", id]);

  it("names every release that is missing and the command that deploys it, which then does", async () => {
    const { exitCode, report, stderr } = await preflight([]);
    expect(exitCode).toBe(1);
    const missing = ["support-missing", "service-missing"];
    expect(codesIn(report)).toEqual({
      "mw-cron/main": ["support-missing", ...missing],
      "mw-debug/*": missing,
      "mw-script/*": ["support-missing", ...missing],
      "mw-web/canary": missing,
      "mw-web/main": missing,
      "mw-web/migration": missing,
      "shop/main": missing,
    });
    expect(report.targets.map(({ exists }) => exists)).toEqual(report.targets.map(() => false));
    expect(stderr).toMatchInlineSnapshot(`
      "not ready: 7 of 7 releases of MediaWiki in eqiad

      mw-cron:
        error: release mw-cron/mediawiki-common: MediaWiki needs it first, and it is not deployed [main]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-cron
        error: release mw-cron/prometheus: MediaWiki needs it first, and it is not deployed [main]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-cron
        error: service mw-cron/statsd-exporter-prometheus: it is not there, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST [main]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-cron

      mw-debug:
        error: release mw-debug/prometheus: MediaWiki needs it first, and it is not deployed [*]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-debug
        error: service mw-debug/statsd-exporter-prometheus: it is not there, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST [*]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-debug

      mw-script:
        error: release mw-script/mediawiki-common: MediaWiki needs it first, and it is not deployed [*]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-script
        error: release mw-script/prometheus: MediaWiki needs it first, and it is not deployed [*]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-script
        error: service mw-script/statsd-exporter-prometheus: it is not there, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST [*]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-script

      mw-web:
        error: release mw-web/prometheus: MediaWiki needs it first, and it is not deployed [canary, main, migration]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-web
        error: service mw-web/statsd-exporter-prometheus: it is not there, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST [canary, main, migration]
          to do: charlie-mediawiki apply --support-only -e eqiad -s mw-web

      shop:
        error: release shop/prometheus: MediaWiki needs it first, and it is not deployed [main]
          to do: charlie-mediawiki apply --support-only -e eqiad -s shop
        error: service shop/statsd-exporter-prometheus: it is not there, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST [main]
          to do: charlie-mediawiki apply --support-only -e eqiad -s shop"
    `);

    const remedies = new Set(remediesIn(report, "shop/main"));
    expect([...remedies]).toEqual(["charlie-mediawiki apply --support-only -e eqiad -s shop"]);
    for (const remedy of remedies)
      expect(await at.shell.sh(`${remedy} --yes`)).toMatchObject({ exitCode: 0 });
    expect((await preflight(releases("shop/main"))).exitCode).toBe(0);
  });

  it("tells a release that a killed helm left pending, and one that failed, with what mends them", async () => {
    const sync = at.shell.helmfile("mw-web", ["-e", "eqiad", "-q", "-l", "name=prometheus", "sync"], {
      env: { E2E_NEVER_READY: "mw-web/prometheus" },
    });
    const starts = at.kubelet.starts("mw-web", "prometheus").length;
    await during(sync, "helm waits", () => at.kubelet.starts("mw-web", "prometheus").length > starts);
    killProcessesOf(at.shell);
    await sync;
    const install = [
      "install",
      "prometheus",
      chartFile(at.shell, "statsd-exporter"),
      "--namespace",
      "mw-debug",
    ];
    await at.shell.helm([...install, "--wait", "--timeout", "1s", "--set", "neverReady=true"]);
    const expected = { "mw-debug/prometheus": "failed 1", "mw-web/prometheus": "pending-install 1" };
    expect(await at.shell.releases()).toEqual(expected);

    const { exitCode, report } = await preflight(releases("mw-debug/pinkunicorn", "mw-web/main"));
    expect(exitCode).toBe(1);
    const codes = { "mw-debug/pinkunicorn": ["support-failed"], "mw-web/main": ["support-pending"] };
    expect(codesIn(report)).toEqual(codes);

    const backend = await simulate(at.shell, {
      faults: [
        { kind: "crash", at: 10_000, until: 20_000 },
        { kind: "slow", release: releaseId("mw-web", "prometheus"), factor: 100 },
      ],
    });
    await backend.deploy([releaseId("mw-web", "prometheus")]);
    const simulated = await simulatePreflight(at.shell, backend, report);
    expect(codesIn(simulated)["mw-web/main"]).toContain("support-pending");

    for (const id of Object.keys(codes)) {
      const [remedy = ""] = remediesIn(report, id);
      expect(remedy).toContain("charlie-mediawiki apply --support-only -e eqiad -s ");
      expect(
        await at.shell.sh(remedy.replace("charlie-mediawiki apply", "charlie-mediawiki apply --yes")),
      ).toMatchObject({ exitCode: 0 });
    }
    expect((await preflight(releases("mw-debug/pinkunicorn", "mw-web/main"))).exitCode).toBe(0);
  });

  it("tells a namespace that is not there", async () => {
    edit(
      at.shell.registryFile,
      "  shop:",
      "  mw-gone: { support: [prometheus], mediawiki: [main] }\n  shop:",
    );
    const { exitCode, report, stderr } = await preflight(releases("mw-gone/main"));
    expect(exitCode).toBe(1);
    expect(codesIn(report)).toEqual({ "mw-gone/main": ["namespace-missing"] });
    expect(stderr).toContain("error: namespace mw-gone: it is not in the cluster");
  });

  it("without rights says what it could not look at, and takes nothing for missing", async () => {
    const asked = ["--kubeconfig", at.cluster.strangerKubeconfigFile, ...releases("mw-web/main")];
    const { exitCode, report } = await preflight(asked);
    expect(exitCode).toBe(3);
    const unknown = { namespace: "mw-web", release: "main", exists: null, ready: false, findings: [] };
    expect(report).toMatchObject({ ready: false, targets: [unknown] });
    const unread = report.couldNotCheck.map(({ subject, code }) => `${subject} ${code}`);
    expect(unread).toEqual(["helm releases forbidden", "Services forbidden", "pods forbidden"]);

    const failure = { kind: "forbidden", message: "403 Forbidden" } as const;
    const backend = await simulate(at.shell, { faults: [{ kind: "unreadable", failure }] });
    expect((await simulatePreflight(at.shell, backend, report)).targets).toEqual(report.targets);
  });

  // Without python3 nobody can run the example.
  it.skipIf(!pythonIsThere)(
    "is asked by the example in Python, which tells and ends as the command does",
    async () => {
      const ask = async (args: readonly string[], env: Record<string, string> = {}) => {
        const line = `python3 "$EXAMPLE" ${args.join(" ")}`;
        const { exitCode, stdout, stderr } = await at.shell.sh(line, {
          env: { EXAMPLE: preflightExample, ...env },
        });
        return { exitCode, stdout, stderr };
      };
      expect(await ask(["eqiad", "shop/main", "mw-debug/pinkunicorn"])).toMatchInlineSnapshot(`
        {
          "exitCode": 1,
          "stderr": "",
          "stdout": "mw-debug/pinkunicorn: not ready (sync)
          error support-missing: release mw-debug/prometheus: MediaWiki needs it first, and it is not deployed
            to do: charlie-mediawiki apply --support-only -e eqiad -s mw-debug
          error service-missing: service mw-debug/statsd-exporter-prometheus: it is not there, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST
            to do: charlie-mediawiki apply --support-only -e eqiad -s mw-debug
        shop/main: not ready (sync)
          error support-missing: release shop/prometheus: MediaWiki needs it first, and it is not deployed
            to do: charlie-mediawiki apply --support-only -e eqiad -s shop
          error service-missing: service shop/statsd-exporter-prometheus: it is not there, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST
            to do: charlie-mediawiki apply --support-only -e eqiad -s shop",
        }
      `);
      const sync = ["-e", "eqiad", "-q", "-l", "name=prometheus", "sync"];
      expect(await at.shell.helmfile("shop", sync)).toMatchObject({ exitCode: 0 });
      const ready = { exitCode: 0, stdout: "shop/main: ready (sync)", stderr: "" };
      expect(await ask(["eqiad", "shop/main"])).toEqual(ready);
      // The command may be several words.
      expect(await ask(["eqiad", "shop/main"], { CHARLIE_MEDIAWIKI: "env charlie-mediawiki" })).toEqual(
        ready,
      );

      expect(await ask(["eqiad"])).toMatchObject({ exitCode: 2 });
      const refused = await ask(["eqiad", "shop"]);
      expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
      expect(refused.stderr).toMatch(/^no preflight: .*NAMESPACE\/RELEASE/s);
      expect(await ask(["eqiad", "shop/main"], { CHARLIE_MEDIAWIKI: "no-such-command" })).toEqual({
        ...{ exitCode: 2, stdout: "" },
        stderr:
          "no preflight: no-such-command cannot be run: No such file or directory: put it on PATH, or name it by the variable CHARLIE_MEDIAWIKI",
      });
      edit(
        at.shell.registryFile,
        `\nkubeconfig: ${at.cluster.kubeconfigFile}`,
        `\nkubeconfig: ${at.cluster.strangerKubeconfigFile}`,
      );
      const unknown = await ask(["eqiad", "shop/main"]);
      expect(unknown).toMatchObject({ exitCode: 3, stderr: "" });
      expect(unknown.stdout).toMatch(
        /^shop\/main: not known whether ready \(apply or sync is not known\)\ncould not look at helm releases of shop: .*403 Forbidden/,
      );
    },
  );
});
