import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { pythonIsThere } from "../support/python.ts";
import { listenTo } from "./support/during.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { hostExample } from "./support/fixtures.ts";
import { neverReady } from "./support/never-ready.ts";
import { deployedOnce, eqiad } from "./support/releases.ts";
import { simulateRollout } from "./support/simulated-rollout.ts";
import { outcomesIn } from "./support/summary.ts";
import { describeWithTools } from "./support/tools.ts";

const variable = "STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST";

describeWithTools("restore of an empty cluster", () => {
  const at = useEmptyCluster();

  const restore = (args: readonly string[], env: Record<string, string> = {}) =>
    at.shell.charlie(["restore", "-e", "eqiad", "--yes", "--exclude", "broken", ...args], { env });

  /** What the kubelet did from here on, when this is called. */
  const watchKubelet = () => {
    const from = at.kubelet.history.length;
    return () => at.kubelet.history.slice(from);
  };

  it("brings everything up in order, and hands MediaWiki over at the end", async () => {
    const history = watchKubelet();
    const logs = join(at.shell.folder, "logs");
    const { exitCode, stdout } = await restore(["-o", "json", "--log_dir", logs], {
      RELEASE_NAME: "surprise",
    });
    expect(exitCode).toBe(0);

    // Exactly these: nothing named by the operator's RELEASE_NAME, of `_example_` or not installed here.
    expect(await at.shell.releases()).toEqual(
      deployedOnce(...eqiad.support, ...eqiad.other, ...eqiad.mediawiki),
    );

    const events = history().map(({ kind, namespace, release }) => `${kind} ${namespace}/${release}`);
    expect(events.filter((event) => event.startsWith("crashed"))).toEqual([]);
    expect(events.slice(0, 2)).toEqual(["started mw-mcrouter/main", "ready mw-mcrouter/main"]);
    const ofMediawiki = events.filter((event) =>
      eqiad.mediawiki.some((release) => event.endsWith(` ${release}`)),
    );
    expect(events.slice(-ofMediawiki.length)).toEqual(ofMediawiki);
    const starts = eqiad.mediawiki.flatMap((release) => startsOf(release));
    expect(starts).toMatchObject(
      eqiad.mediawiki.map(() => ({
        restarts: 0,
        missing: [],
        variables: { [variable]: expect.any(String) },
      })),
    );

    expect(at.shell.handoffLog()).toEqual(["eqiad: start", "eqiad: exit 0"]);
    expect(at.shell.salLog()).toEqual([
      "charlie-mediawiki restore [eqiad] 15 releases: START",
      "charlie-mediawiki restore [eqiad] 15 releases: DONE: 13 steps succeeded, mediawiki succeeded",
    ]);

    const outcomes = outcomesIn(stdout);
    expect(new Set(Object.values(outcomes))).toEqual(new Set(["succeeded"]));
    expect(readdirSync(logs).sort()).toEqual(
      Object.keys(outcomes)
        .map((id) => `${id.replace("/", "_")}.log`)
        .sort(),
    );
    const log = readFileSync(join(logs, "mw-web_prometheus.log"), "utf8");
    const helmfile = join(at.shell.servicesDir, "mw-web", "helmfile.yaml");
    const selector = "namespace=mw-web,name=prometheus";
    expect(log).toContain(`$ helmfile --file ${helmfile} --environment eqiad -l ${selector} sync\n`);
    expect(log).toContain('Release "prometheus" does not exist. Installing it now.\n');
    expect(log.endsWith("\n# succeeded\n")).toBe(true);

    const simulated = await simulateRollout(at.shell, {
      mode: "restore",
      selection: { exclude: ["broken"] },
    });
    expect(simulated).toEqual({ outcomes, evidence: [], shut: [] });
  });

  const startsOf = (release: string) => {
    const [namespace = "", name = ""] = release.split("/");
    return at.kubelet.starts(namespace, name);
  };

  it("refuses while a service cannot be read, names it and the way out, and deploys nothing", async () => {
    const { exitCode, stdout, stderr } = await at.shell.charlie(["restore", "-e", "eqiad", "--yes"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toBe(
      [
        `warning: the service broken could not be read: ${whyBroken}`,
        "restore needs every service to be readable: mend broken, or leave out by --exclude broken",
      ].join("\n"),
    );
    expect(await at.shell.releases()).toEqual({});
    expect(at.shell.salLog()).toEqual([]);
  });

  it("with --with-mediawiki, deploys MediaWiki itself: canary first, and nothing crashes", async () => {
    const history = watchKubelet();
    const { exitCode } = await restore(["--with-mediawiki", "-s", "mw-web"]);
    expect(exitCode).toBe(0);
    expect(await at.shell.releases()).toEqual(
      deployedOnce("mw-web/prometheus", "mw-web/canary", "mw-web/main"),
    );
    expect(history().map(({ kind, release }) => `${kind} ${release}`)).toEqual([
      "started prometheus",
      "ready prometheus",
      "started canary",
      "ready canary",
      "started main",
      "ready main",
    ]);
    expect(at.shell.handoffLog()).toEqual([]);
  });

  it("a support release that fails blocks MediaWiki of its namespace, and nothing else", async () => {
    const env = neverReady(at.shell, "mw-web/prometheus");
    // Beside it a namespace of MediaWiki of which nothing fails, and a service in a stage behind its gate.
    const service = ["mw-web", "shop", "toolhub"];
    const args = ["--with-mediawiki", ...selecting(service), "-o", "json"];
    const { exitCode, stdout, stderr } = await restore(args, env);
    expect(exitCode).toBe(1);
    const outcomes = outcomesIn(stdout);
    expect(outcomes).toEqual({
      "mw-web/prometheus": "failed",
      "mw-web/canary": "blocked",
      "mw-web/main": "blocked",
      "shop/prometheus": "succeeded",
      "shop/main": "succeeded",
      toolhub: "succeeded",
    });
    expect(await at.shell.releases()).toEqual(deployedOnce("shop/main", "shop/prometheus", "toolhub/main"));
    expect(stderr).toContain(
      "mw-web/canary blocked: the gate of support stayed shut: mw-web/prometheus failed",
    );
    expect(stderr).toContain("charlie-mediawiki apply --support-only -e eqiad -s mw-web");
    expect(
      await simulateRollout(at.shell, {
        mode: "restore",
        withMediawiki: true,
        selection: { service },
        neverReady: "mw-web/prometheus",
      }),
    ).toMatchObject({ outcomes });
  });

  const servicesWithSupport = ["mw-web", "shop"];

  /** With a service left out of which MediaWiki needs something, nothing is handed over: the tree has no others then. */
  const keepServicesWithSupport = () => {
    for (const service of ["mw-cron", "mw-debug", "mw-script"])
      rmSync(join(at.shell.servicesDir, service), { recursive: true });
  };

  it("a support release that fails stops the hand-off, and nothing else", async () => {
    const env = neverReady(at.shell, "mw-web/prometheus");
    keepServicesWithSupport();
    const service = [...servicesWithSupport, "toolhub"];
    const { exitCode, stdout, stderr } = await restore([...selecting(service), "-o", "json"], env);
    expect(exitCode).toBe(1);
    const outcomes = outcomesIn(stdout);
    expect(notSucceeded(outcomes)).toEqual({ "mw-web/prometheus": "failed", mediawiki: "blocked" });
    expect(at.shell.handoffLog()).toEqual([]);
    expect(await at.shell.releases()).toEqual(deployedOnce("shop/prometheus", "toolhub/main"));
    expect(stderr).toContain(
      "[mediawiki eqiad] blocked: the gate of support stayed shut: mw-web/prometheus failed",
    );
    expect(at.shell.salLog().at(-1)).toBe(
      "charlie-mediawiki restore [eqiad] 3 releases: DONE: 1 step failed, 2 steps succeeded, mediawiki blocked",
    );
    expect(
      await simulateRollout(at.shell, {
        mode: "restore",
        selection: { service },
        neverReady: "mw-web/prometheus",
      }),
    ).toMatchObject({ outcomes });
  });

  it("hands MediaWiki over behind a support release that failed only where both gates are skipped", async () => {
    const env = neverReady(at.shell, "mw-web/prometheus");
    keepServicesWithSupport();
    // Without its support release, MediaWiki would never come up: here it is enough that it is handed over.
    const handOff = '#!/bin/sh\necho "$1: here" >>"$E2E_HANDOFF_LOG"\n';
    writeFileSync(join(at.shell.commands, "mediawiki-handoff"), handOff);
    const args = [...selecting(servicesWithSupport), "-o", "json", "--skip-gate"];
    const notReady =
      "the preflight is not ready: release mw-web/prometheus: MediaWiki needs it first, and it is not deployed; ";
    const held = await restore([...args, "support"], env);
    expect(held.exitCode).toBe(1);
    expect(notSucceeded(outcomesIn(held.stdout))).toEqual({
      "mw-web/prometheus": "failed",
      mediawiki: "blocked",
    });
    expect(held.stderr).toContain(`[mediawiki eqiad] blocked: ${notReady}`);
    expect(at.shell.handoffLog()).toEqual([]);

    const skipped = await restore([...args, "support,mediawiki", "--not-wiped", "eqiad"], env);
    expect(skipped.exitCode).toBe(1);
    expect(notSucceeded(outcomesIn(skipped.stdout))).toEqual({ "mw-web/prometheus": "failed" });
    expect(skipped.stderr).toContain(`[mediawiki eqiad] runs all the same: ${notReady}`);
    expect(at.shell.handoffLog()).toEqual(["eqiad: here"]);
  });

  it("a DaemonSet that fails holds everything", async () => {
    const env = neverReady(at.shell, "mw-mcrouter/main");
    const { exitCode, stdout } = await restore(["-o", "json"], env);
    expect(exitCode).toBe(1);
    const { "mw-mcrouter": daemonSet, ...others } = outcomesIn(stdout);
    expect(daemonSet).toBe("failed");
    expect(new Set(Object.values(others))).toEqual(new Set(["blocked"]));
    expect(await at.shell.releases()).toEqual({});
    expect(at.shell.handoffLog()).toEqual([]);
    expect(
      await simulateRollout(at.shell, {
        mode: "restore",
        selection: { exclude: ["broken"] },
        neverReady: "mw-mcrouter/main",
      }),
    ).toMatchObject({ outcomes: outcomesIn(stdout) });
  });

  it("with --skip-gate daemonsets, goes on although a DaemonSet failed", async () => {
    const env = neverReady(at.shell, "mw-mcrouter/main");
    const services = ["-s", "mw-mcrouter", "-s", "toolhub", "-s", "thumbor"];
    const { exitCode, stdout } = await restore(["--skip-gate", "daemonsets", ...services, "-o", "json"], env);
    expect(exitCode).toBe(1);
    expect(outcomesIn(stdout)).toEqual({
      "mw-mcrouter": "failed",
      thumbor: "succeeded",
      toolhub: "succeeded",
    });
    expect(await at.shell.releases()).toEqual(deployedOnce("thumbor/main", "toolhub/main"));
  });

  it("streams what the hand-off's command says, and takes its exit code for the stage's outcome", async () => {
    const goOn = join(at.shell.folder, "go-on");
    writeFileSync(
      join(at.shell.commands, "mediawiki-handoff"),
      `#!/bin/sh\necho "$1: it begins"\nuntil [ -e "${goOn}" ]; do sleep 0.1; done\necho "it fails" >&2\nexit 7\n`,
    );
    // In staging MediaWiki needs nothing first.
    const command = at.shell.charlie(["restore", "-e", "staging", "--yes", "-s", "mw-debug", "-o", "json"]);
    await listenTo(command).until("[mediawiki staging] staging: it begins\n");
    writeFileSync(goOn, "");
    const { exitCode, stdout, stderr } = await command;
    expect(exitCode).toBe(1);
    expect(outcomesIn(stdout)).toEqual({ mediawiki: "failed" });
    expect(stderr).toContain("[mediawiki staging] it fails\n");
    expect(stderr).toMatch(/\[mediawiki staging\] failed after .*: exit code 7: it fails$/m);
  });

  // Without python3 nobody can run the example.
  it.skipIf(!pythonIsThere)("is done in the same order by a host in Python, by hooks", async () => {
    const excluded = ["broken", "mw-debug", "mw-script", "shop"];
    const flags = [...excluded.map((name) => `--exclude ${name}`), '--services_dir "$E2E_TREE/services"'];
    const line = `python3 "$EXAMPLE" restore eqiad --support-only ${flags.join(" ")}`;
    const env = { EXAMPLE: hostExample, RELEASE_NAME: "surprise" };
    const { exitCode, stdout } = await at.shell.sh(line, { env });
    expect(exitCode).toBe(0);
    const selected = [...stdout.matchAll(/^\$ helmfile .* -l namespace=(.*),name=(.*) sync$/gm)];
    const order = selected.map(([, namespace, name]) => `${namespace}/${name}`);
    expect(order).toEqual(["mw-cron/mediawiki-common", "mw-cron/prometheus", "mw-web/prometheus"]);
    expect(await at.shell.releases()).toEqual(deployedOnce(...order));
  });
});

/** helmfile's words for the service `broken`. */
const whyBroken =
  'in services/broken/helmfile.yaml: error during helmfile.yaml.part.1 parsing: template: stringTemplate:16:20: executing "stringTemplate" at <.Values.backfill>: map has no entry for key "backfill"';

function selecting(services: readonly string[]): string[] {
  return services.flatMap((service) => ["-s", service]);
}

function notSucceeded(outcomes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(outcomes).filter(([, kind]) => kind !== "succeeded"));
}
