import { afterEach, expect, it } from "vitest";
import { during, listenTo } from "./support/during.ts";
import { chartFile, edit } from "./support/edit.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { openGateway } from "./support/gateway.ts";
import { codesIn, reportIn } from "./support/preflight.ts";
import { deployedOnce } from "./support/releases.ts";
import { makeService } from "./support/services.ts";
import { simulate, simulatePreflight, simulateRollout } from "./support/simulated-rollout.ts";
import { outcomesIn } from "./support/summary.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("an API server that goes away", () => {
  const at = useEmptyCluster({ services: ["mw-cron", "mw-web", "thumbor", "toolhub"] });

  // The cluster is wiped after that.
  afterEach(() => at.cluster.startApiServer());

  const restore = (...args: readonly string[]) =>
    at.shell.charlie(["restore", "-e", "eqiad", "--yes", "-o", "json", ...args]);

  const refused = /: connection refused$/m;
  const failure = { kind: "unreachable", message: "connection refused" } as const;

  const simulatedRestore = (service: string) =>
    ({ mode: "restore", withMediawiki: true, selection: { service: [service] } }) as const;

  const allSucceeded = (...steps: readonly string[]) =>
    Object.fromEntries(steps.map((step) => [step, "succeeded"]));

  it("before a restore and before a preflight: nothing is begun, and nothing is taken for missing", async () => {
    await at.cluster.stopApiServer();
    const begun = await restore("-s", "toolhub");
    expect(begun).toMatchObject({ exitCode: 3, stdout: "" });
    expect(begun.stderr).toMatch(/^whether the cluster of eqiad is wiped could not be found out: /m);
    expect(begun.stderr).toMatch(refused);
    expect(at.shell.salLog()).toEqual([]);

    const asked = await at.shell.charlie(["preflight", "-e", "eqiad", "--release", "mw-web/main"]);
    expect(asked.exitCode).toBe(3);
    const report = reportIn(asked);
    expect(report).toMatchObject({
      ready: false,
      targets: [{ namespace: "mw-web", release: "main", exists: null, ready: false, findings: [] }],
    });
    const unread = report.couldNotCheck.map(({ subject, code }) => `${subject} ${code}`);
    expect(unread).toEqual(["helm releases unreachable", "Services unreachable", "pods unreachable"]);
    expect(asked.stderr).toMatch(/^not known whether ready: 1 of 1 release of MediaWiki in eqiad\n/);
    expect(asked.stderr).toMatch(refused);

    const backend = await simulate(at.shell, { faults: [{ kind: "unreadable", failure }] });
    const simulated = await simulatePreflight(at.shell, backend, report);
    expect(simulated.targets).toEqual(report.targets);
    expect(simulated.couldNotCheck.map(({ subject, code }) => `${subject} ${code}`)).toEqual(unread);
  });

  it("in the middle of a preflight: what was not read is named, and is no finding", async () => {
    const sync = ["-e", "eqiad", "-q", "-l", "name=prometheus", "sync"];
    expect(await at.shell.helmfile("mw-web", sync)).toMatchObject({ exitCode: 0 });
    // A namespace is read by three calls side by side, each on a connection of its own.
    const gateway = await openGateway(at.cluster, (connection) => {
      if (connection === 3) void gateway.cut();
    });
    const asked = await at.shell.charlie([
      ...["preflight", "-e", "eqiad", "--release", "mw-web/canary", "--release", "mw-web/main"],
      ...["--kubeconfig", gateway.kubeconfigFile],
    ]);
    expect(asked.exitCode).toBe(3);
    const report = reportIn(asked);
    expect(report.ready).toBe(false);
    expect(codesIn(report)).toEqual({ "mw-web/canary": [], "mw-web/main": [] });
    expect(report.couldNotCheck.length).toBeGreaterThan(0);
    expect(new Set(report.couldNotCheck.map(({ code }) => code))).toEqual(new Set(["unreachable"]));
  });

  it("while a gate waits: the gate says so, goes on waiting, and opens when what it waits for is there", async () => {
    edit(
      chartFile(at.shell, "statsd-exporter", "templates", "service.yaml"),
      "  name: statsd-exporter-",
      "  name: exporter-",
    );
    const command = restore("--with-mediawiki", "-s", "mw-web");
    const told = listenTo(command);
    await told.until("gate support:mw-web waits: the Service mw-web/statsd-exporter-prometheus of");
    await at.cluster.stopApiServer();
    await told.until("gate support:mw-web waits: cannot read ");
    await at.cluster.startApiServer();
    await makeService(at.cluster, "mw-web");
    const { exitCode, stdout } = await command;
    const outcomes = allSucceeded("mw-web/prometheus", "mw-web/canary", "mw-web/main");
    expect({ exitCode, outcomes: outcomesIn(stdout) }).toEqual({ exitCode: 0, outcomes });
    expect(await at.shell.releases()).toEqual(deployedOnce(...Object.keys(outcomes)));

    const simulated = await simulateRollout(at.shell, {
      ...simulatedRestore("mw-web"),
      faults: [{ kind: "unreadable", failure, until: 30_000 }],
    });
    expect(simulated).toMatchObject({ outcomes, shut: [] });
  });

  it("while a step runs: what is not seen is said, and the step goes on as helm does", async () => {
    const configMap = "  name: {{ .Release.Name }}\n";
    const file = chartFile(at.shell, "mediawiki-common", "templates", "configmap.yaml");
    edit(file, configMap, "  name: {{ .Release.Name }}-of-another-name\n");
    const command = restore("--with-mediawiki", "-s", "mw-cron");
    const told = listenTo(command);
    await told.until("ConfigMap mw-cron/mediawiki-common: is not there");
    await at.cluster.stopApiServer();
    await told.until("namespace mw-cron: the cluster cannot be watched: ");
    await at.cluster.startApiServer();
    await at.cluster.request("POST", "/api/v1/namespaces/mw-cron/configmaps", {
      ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "mediawiki-common" } },
    });
    const { exitCode, stdout } = await command;
    const outcomes = allSucceeded("mw-cron/mediawiki-common", "mw-cron/prometheus", "mw-cron/main");
    expect({ exitCode, outcomes: outcomesIn(stdout) }).toEqual({ exitCode: 0, outcomes });

    const simulated = await simulateRollout(at.shell, {
      ...simulatedRestore("mw-cron"),
      faults: [{ kind: "unreadable", failure, from: 1_000, until: 2_000 }],
    });
    expect(simulated.outcomes).toEqual(outcomes);
    expect(new Set(simulated.evidence.map(({ kind }) => kind))).toEqual(new Set(["cannot-look"]));
  });

  it("for good, in the middle of a rollout: each step that was tried fails and says why", async () => {
    const command = at.shell.charlie(
      [
        ...["restore", "-e", "eqiad", "--yes", "-o", "json", "--jobs", "1"],
        // Nobody waits here for the API server to come back.
        ...["-s", "thumbor", "-s", "toolhub", "--priority", "thumbor", "--tries", "2"],
      ],
      { env: { E2E_NEVER_READY: "thumbor/main", E2E_TIMEOUT: "5" } },
    );
    const starts = at.kubelet.starts("thumbor", "main").length;
    await during(command, "helm waits", () => at.kubelet.starts("thumbor", "main").length > starts);
    await at.cluster.stopApiServer();
    const { exitCode, stdout, stderr } = await command;
    expect(outcomesIn(stdout)).toEqual({ thumbor: "failed", toolhub: "failed" });
    expect(stderr).toMatch(/^failed: thumbor: exit code 1: Error: .*: connection refused$/m);
    expect(stderr).toMatch(/^failed: toolhub: exit code 1: Error: Kubernetes cluster unreachable: /m);
    // Not 3, as if nothing had been begun.
    expect(exitCode).toBe(1);
    await at.cluster.startApiServer();
    expect(await at.shell.releases()).toEqual({ "thumbor/main": "pending-install 1" });
  });

  it("for a while, in the middle of a rollout: what nobody had begun is tried again, and a resumed run mends the rest", async () => {
    const argv = [
      ...["restore", "-e", "eqiad", "--yes", "-o", "json", "--jobs", "1"],
      ...["-s", "thumbor", "-s", "toolhub", "--priority", "thumbor"],
    ];
    const command = at.shell.charlie(argv, {
      env: { E2E_NEVER_READY: "thumbor/main", E2E_TIMEOUT: "5" },
    });
    const told = listenTo(command);
    const starts = at.kubelet.starts("thumbor", "main").length;
    await during(command, "helm waits", () => at.kubelet.starts("thumbor", "main").length > starts);
    await at.cluster.stopApiServer();
    await told.until("toolhub failed: exit code 1: Error: Kubernetes cluster unreachable");
    await at.cluster.startApiServer();
    const { exitCode, stdout, stderr } = await command;
    expect(exitCode).toBe(1);
    expect(outcomesIn(stdout)).toEqual({ thumbor: "failed", toolhub: "succeeded" });
    // That helm waited in vain passes with no second try. It could not take back what it had begun.
    expect(stderr).toMatch(/^failed: thumbor: exit code 1: Error: .*: connection refused$/m);
    expect(await at.shell.releases()).toEqual({
      "thumbor/main": "pending-install 1",
      "toolhub/main": "deployed 1",
    });

    const resumed = await at.shell.charlie([...argv, "--resume", "--fix-pending"]);
    expect(resumed.exitCode).toBe(0);
    expect(outcomesIn(resumed.stdout)).toEqual({ thumbor: "succeeded", toolhub: "skipped" });
    expect(resumed.stderr).toMatch(
      /^left half done, is mended before its step: thumbor\/main is pending-install since \S+Z$/m,
    );
    expect(await at.shell.releases()).toEqual(deployedOnce("thumbor/main", "toolhub/main"));
  });
});
