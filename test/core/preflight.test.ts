import { describe, expect, it } from "vitest";
import type { HelmRelease } from "../../src/core/cluster/cluster-reader.ts";
import { type PreflightQuestion, preflight, readinessOf } from "../../src/core/preflight/preflight.ts";
import type { PreflightReport } from "../../src/core/preflight/preflight-report.ts";
import {
  container,
  FakeCluster,
  type FakeNamespace,
  helmRelease,
  pod,
  service,
} from "../support/fake-cluster.ts";
import { registry } from "../support/registry.ts";
import { exporter, mediawiki, release, tree } from "../support/tree.ts";

const knowledge = registry(`
rules:
  - match: { chart: mediawiki }
    class: mediawiki
  - match: { chart: statsd-exporter, namespace: "mw-*" }
    class: support
namespaces:
  mw-web:
    support: [prometheus]
    mediawiki: [canary, [main, next]]
  mw-debug:
    support: [{ release: prometheus, environments: [eqiad, codfw] }]
    mediawiki: "*"
  mw-videoscaler:
    support: []
    mediawiki: [main]
  mw-tools:
    other: "*"
services:
  prometheus: { provides: [service/statsd-exporter-prometheus] }
kubeconfig: "/etc/kubernetes/{namespace}-deploy-{environment}.config"
`);

const made = Date.UTC(2026, 9, 5, 11);
const statsd = service("statsd-exporter-prometheus", { createdAt: made });
const main = { namespace: "mw-web", release: "main" };

/** mw-web with everything that MediaWiki needs, and whatever the test puts in its place. */
function web(changes: FakeNamespace = {}): FakeCluster {
  const releases = [helmRelease("mw-web/prometheus"), helmRelease("mw-web/main")];
  return new FakeCluster({ "mw-web": { releases, services: [statsd], ...changes } });
}

function ask(cluster: FakeCluster, question: Partial<PreflightQuestion> = {}): Promise<PreflightReport> {
  return preflight(
    { environment: "eqiad", targets: [main], ...question },
    { registry: knowledge, open: cluster.open },
  );
}

function askAll(cluster: FakeCluster, question: Partial<PreflightQuestion> = {}): Promise<PreflightReport> {
  return preflight({ environment: "eqiad", ...question }, { registry: knowledge, open: cluster.open });
}

/** The findings of the first target, one a line, with what to do below. */
async function findings(cluster: FakeCluster, question: Partial<PreflightQuestion> = {}): Promise<string> {
  const report = await ask(cluster, question);
  return (report.targets[0]?.findings ?? [])
    .map((one) => `${one.severity} ${one.code}: ${one.subject}\n  ${one.message}\n  ${one.remedy}`.trimEnd())
    .join("\n");
}

it("a target is ready where its support is deployed and its Service has an address", async () => {
  const cluster = web();
  const report = await ask(cluster);
  expect(report).toEqual({
    version: 1,
    environment: "eqiad",
    ready: true,
    targets: [{ namespace: "mw-web", release: "main", exists: true, ready: true, findings: [] }],
    couldNotCheck: [],
  });
  expect(readinessOf(report)).toBe("ready");
  // Three calls, and none about any other namespace.
  expect(cluster.asked.toSorted()).toEqual(["podAges mw-web", "releases mw-web", "services mw-web"]);
  expect(cluster.opened).toEqual([["/etc/kubernetes/mw-web-deploy-eqiad.config"]]);
});

describe("a support release stands in the way where it is", () => {
  const withStatus = (status: string, more: Partial<HelmRelease> = {}) =>
    findings(web({ releases: [helmRelease("mw-web/prometheus", { status, revision: 3, ...more })] }));

  it("absent, together with its Service", async () => {
    const cluster = web({ releases: [helmRelease("mw-web/main")], services: [] });
    expect(await findings(cluster)).toMatchInlineSnapshot(`
      "error support-missing: release mw-web/prometheus
        MediaWiki needs it first, and it is not deployed
        charlie-mediawiki apply --support-only -e eqiad -s mw-web
      error service-missing: service mw-web/statsd-exporter-prometheus
        it is not there, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST
        charlie-mediawiki apply --support-only -e eqiad -s mw-web"
    `);
    expect(readinessOf(await ask(cluster))).toBe("not-ready");
  });

  it("absent, as the registry has its name with a typo: the one that is there comes first", async () => {
    const misspelled = registry(
      "namespaces:\n  mw-web:\n    support: [promtheus]\n    mediawiki: [main, man]\n",
    );
    const remedies = async (question: Partial<PreflightQuestion>, releases: readonly string[]) => {
      const cluster = web({ releases: releases.map((name) => helmRelease(`mw-web/${name}`)) });
      const asked = { environment: "eqiad", targets: [main], ...question };
      const report = await preflight(asked, { registry: misspelled, open: cluster.open });
      return report.targets[0]?.findings.map(({ code, remedy }) => `${code}: ${remedy}`);
    };
    const deploy = "charlie-mediawiki apply --support-only -e eqiad -s mw-web";
    expect(await remedies({}, ["prometheus", "main"])).toEqual([
      `support-missing: did you mean prometheus (registry.yaml:4:15)? Else ${deploy}`,
    ]);
    expect(await remedies({}, ["main"])).toEqual([`support-missing: ${deploy}`]);
    const listed = tree([release("mw-web/main", mediawiki), release("mw-web/prometheus", exporter)]);
    expect(await remedies({ tree: listed }, [])).toEqual([
      expect.stringMatching(
        /^support-not-listed: did you mean prometheus \(registry.yaml:4:15\)\? Else add it/,
      ),
      expect.stringMatching(/^unclassified-release: /),
    ]);
  });

  it("uninstalled, with its record kept", async () => {
    expect(await withStatus("uninstalled")).toMatchInlineSnapshot(`
      "error support-missing: release mw-web/prometheus
        MediaWiki needs it first, and it is uninstalled
        charlie-mediawiki apply --support-only -e eqiad -s mw-web"
    `);
  });

  it("pending, without a revision that helm could be told to go back to", async () => {
    expect(await withStatus("pending-upgrade")).toMatchInlineSnapshot(`
      "error support-pending: release mw-web/prometheus
        MediaWiki needs it first, and it is pending-upgrade (revision 3): a helm that was interrupted left it so, unless one is at work on it now
        no revision is known to go back to: look at helm --kubeconfig /etc/kubernetes/mw-web-deploy-eqiad.config -n mw-web history prometheus, mend it by hand, then charlie-mediawiki apply --support-only -e eqiad -s mw-web"
    `);
  });

  it("pending, with the way out for each kind", async () => {
    const statuses = ["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"];
    const all = statuses.map((status) => withStatus(status, { fallbackRevision: 1 }));
    expect((await Promise.all(all)).join("\n")).toMatchInlineSnapshot(`
      "error support-pending: release mw-web/prometheus
        MediaWiki needs it first, and it is pending-install (revision 3): a helm that was interrupted left it so, unless one is at work on it now
        helm --kubeconfig /etc/kubernetes/mw-web-deploy-eqiad.config -n mw-web uninstall prometheus --wait && charlie-mediawiki apply --support-only -e eqiad -s mw-web
      error support-pending: release mw-web/prometheus
        MediaWiki needs it first, and it is pending-upgrade (revision 3): a helm that was interrupted left it so, unless one is at work on it now
        helm --kubeconfig /etc/kubernetes/mw-web-deploy-eqiad.config -n mw-web rollback prometheus 1 --wait && charlie-mediawiki apply --support-only -e eqiad -s mw-web
      error support-pending: release mw-web/prometheus
        MediaWiki needs it first, and it is pending-rollback (revision 3): a helm that was interrupted left it so, unless one is at work on it now
        helm --kubeconfig /etc/kubernetes/mw-web-deploy-eqiad.config -n mw-web rollback prometheus 1 --wait && charlie-mediawiki apply --support-only -e eqiad -s mw-web
      error support-pending: release mw-web/prometheus
        MediaWiki needs it first, and it is uninstalling (revision 3): a helm that was interrupted left it so, unless one is at work on it now
        helm --kubeconfig /etc/kubernetes/mw-web-deploy-eqiad.config -n mw-web uninstall prometheus --wait && charlie-mediawiki apply --support-only -e eqiad -s mw-web"
    `);
  });

  it("failed, superseded only, or in a state that nobody knows", async () => {
    const all = ["failed", "superseded", "unknown"].map((status) => withStatus(status));
    expect((await Promise.all(all)).join("\n")).toMatchInlineSnapshot(`
      "error support-failed: release mw-web/prometheus
        MediaWiki needs it first, and its deployment failed (revision 3)
        charlie-mediawiki apply --support-only -e eqiad -s mw-web
      error support-superseded: release mw-web/prometheus
        MediaWiki needs it first, and all its revisions are superseded: none is deployed
        charlie-mediawiki apply --support-only -e eqiad -s mw-web
      error support-not-deployed: release mw-web/prometheus
        MediaWiki needs it first, and it is unknown (revision 3), which is not deployed
        charlie-mediawiki apply --support-only -e eqiad -s mw-web"
    `);
  });
});

describe("a Service stands in the way where", () => {
  it("somebody deleted it: helm brings it back, as helmfile's apply sees no difference", async () => {
    expect(await findings(web({ services: [] }))).toMatchInlineSnapshot(`
      "error service-missing: service mw-web/statsd-exporter-prometheus
        it is not there, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST
        helm --kubeconfig /etc/kubernetes/mw-web-deploy-eqiad.config -n mw-web rollback prometheus 1"
    `);
  });

  it("it has no cluster IP yet, or never gets one", async () => {
    const { clusterIp: _, ...withoutIp } = statsd;
    const pending = await findings(web({ services: [withoutIp] }));
    const headless = await findings(web({ services: [{ ...statsd, clusterIp: "None" }] }));
    expect(`${pending}\n${headless}`).toMatchInlineSnapshot(`
      "error service-without-ip: service mw-web/statsd-exporter-prometheus
        it has no cluster IP yet, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST
        kubectl --kubeconfig /etc/kubernetes/mw-web-deploy-eqiad.config -n mw-web describe service statsd-exporter-prometheus
      error service-headless: service mw-web/statsd-exporter-prometheus
        it is headless (clusterIP: None), and such a Service never gives containers STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST
        take "clusterIP: None" out of its chart; as it cannot be changed in place: kubectl --kubeconfig /etc/kubernetes/mw-web-deploy-eqiad.config -n mw-web delete service statsd-exporter-prometheus; then deploy the chart"
    `);
  });

  it("commands name the file that the reader used, in quotes where the shell needs them", async () => {
    const cluster = Object.assign(web({ services: [] }), { kubeconfig: "/home/o'hara/kube config" });
    expect(await findings(cluster)).toContain(
      `helm --kubeconfig '/home/o'\\''hara/kube config' -n mw-web rollback prometheus 1`,
    );
  });
});

it("containers are looked at only where a pod was made before a Service that matters had settled", async () => {
  const young = pod("mw-web/main", "main-a", { createdAt: made + 6000 });
  const gone = pod("mw-web/main", "main-b", { createdAt: made - 1000, deleted: true });
  const cluster = web({
    pods: [young, gone],
    services: [statsd, service("other", { createdAt: made + 9000 })],
  });
  expect(await ask(cluster)).toMatchObject({ ready: true });
  expect(cluster.asked).not.toContain("pods mw-web");
  cluster.contents.set("mw-web", {
    ...cluster.contents.get("mw-web"),
    pods: [young, pod("mw-web/main", "main-c", { createdAt: made - 1000 })],
  });
  expect(await ask(cluster)).toMatchObject({ ready: false });
  expect(cluster.asked).toContain("pods mw-web");
  // Of the Service that matters only, and of the pods by name.
  const at = {
    createdAt: made - 1000,
    containers: [container("php", { state: { kind: "running", startedAt: made - 500 } })],
  };
  const pods = ["main-d", "main-b", "main-c"].map((name) => pod("mw-web/main", name, at));
  cluster.contents.set("mw-web", { ...cluster.contents.get("mw-web"), pods });
  expect(await findings(cluster)).toMatchInlineSnapshot(`
    "error container-older-than-service: release mw-web/main
      3 containers of 3 pods (main-b, main-c, main-d) run since 2026-10-05T10:59:59Z, and the Service statsd-exporter-prometheus was made at 2026-10-05T11:00:00Z: until a restart, STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST is missing there or holds an old address
      kubectl --kubeconfig /etc/kubernetes/mw-web-deploy-eqiad.config -n mw-web rollout restart deployment/main"
  `);
});

it("a release without a namespace is not looked for: that would be to look at all of them", async () => {
  const cluster = web();
  const report = await ask(cluster, { targets: [{ namespace: "", release: "main" }] });
  expect(cluster.asked).toEqual([]);
  expect(report.targets).toEqual([
    {
      ...{ namespace: "", release: "main", exists: null, ready: true },
      findings: [
        {
          ...{ code: "nothing-required", severity: "info", subject: "namespace ", remedy: "" },
          message:
            "MediaWiki needs nothing first: it is in the namespace of its kubeconfig, which nothing here names",
        },
      ],
    },
  ]);
});

it("a target is there only if helm has it itself", async () => {
  const targets = ["main", "next"].map((name) => ({ namespace: "mw-web", release: name }));
  const report = await ask(web(), { targets });
  expect(report.targets.map(({ release: name, exists }) => [name, exists])).toEqual([
    ["main", true],
    ["next", false],
  ]);
});

describe("a pod that crash-looped until its Service was there", () => {
  const at = (seconds: number) => ({ kind: "running", startedAt: made + seconds * 1000 }) as const;
  const php = container("php", { state: at(30), restarts: 4, configMaps: ["envvars"] });
  const sidecar = container("mcrouter", { state: at(-60), configMaps: ["routes"] });
  const looped = web({
    pods: [pod("mw-web/main", "main-a", { containers: [sidecar, php] })],
    configMaps: {
      envvars: { "envvars.inc": "env['X'] = STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST" },
      routes: { "config.json": "{}" },
    },
  });

  it("is not held against it: the ConfigMaps tell that its older containers want no variable", async () => {
    expect(await ask(looped)).toMatchObject({ ready: true, targets: [{ findings: [] }] });
    expect(looped.asked.filter((one) => one.startsWith("configMap")).sort()).toEqual([
      "configMap mw-web",
      "configMap mw-web",
    ]);
  });

  it("is held against it where they cannot be read: then each of its containers may want it", async () => {
    looped.fail("configMap");
    expect(await ask(looped)).toMatchObject({
      ready: false,
      targets: [{ findings: [{ code: "container-older-than-service" }] }],
    });
  });
});

describe("a container that takes its variables from a ConfigMap", () => {
  const older = container("php", {
    state: { kind: "running", startedAt: made - 60_000 },
    configMaps: ["variables"],
    envFromConfigMaps: [{ name: "variables", prefix: "STATSD_" }],
  });
  const cluster = (values: Record<string, string>) =>
    web({
      pods: [pod("mw-web/main", "main-a", { containers: [older] })],
      configMaps: { variables: values },
    });

  it("does not lack what it has from there, though it is older than the Service", async () => {
    const own = cluster({ EXPORTER_PROMETHEUS_SERVICE_HOST: "10.0.0.7" });
    expect(await ask(own)).toMatchObject({ ready: true, targets: [{ findings: [] }] });
    expect(own.asked.filter((one) => one.startsWith("configMap"))).toEqual(["configMap mw-web"]);
  });

  it("lacks what it has not from there", async () => {
    expect(await ask(cluster({ OTHER: "10.0.0.7" }))).toMatchObject({
      ready: false,
      targets: [{ findings: [{ code: "container-older-than-service" }] }],
    });
  });
});

describe("a namespace that is not in the cluster", () => {
  it("is the only thing that is told", async () => {
    const cluster = new FakeCluster();
    expect(await findings(cluster)).toMatchInlineSnapshot(`
      "error namespace-missing: namespace mw-web
        it is not in the cluster
        make the namespace, with its quotas and rights, before anything is deployed to it"
    `);
    expect(cluster.asked.toSorted()).toEqual([
      "hasNamespace mw-web",
      "podAges mw-web",
      "releases mw-web",
      "services mw-web",
    ]);
  });

  it("may belong to other environments, where only the registry says that it is there", async () => {
    const { targets } = await askAll(new FakeCluster(), { environment: "staging" });
    expect(targets.map(({ namespace, release: name }) => `${namespace}/${name}`)).toEqual([
      "mw-debug/*",
      "mw-videoscaler/main",
      "mw-web/canary",
      "mw-web/main",
      "mw-web/next",
    ]);
    expect(new Set(targets.flatMap((one) => one.findings.map(({ remedy }) => remedy)))).toEqual(
      new Set([
        "make the namespace, with its quotas and rights, before anything is deployed to it; --inventory FILE or --services_dir DIR tells which namespaces belong to staging",
      ]),
    );
  });

  it("is told from an empty one", async () => {
    expect(await findings(web({ releases: [], services: [] }))).toContain("support-missing");
  });
});

describe("what could not be read", () => {
  it("is said, and makes a target neither ready nor anything missing", async () => {
    const cluster = web({ releases: [], services: [] });
    cluster.fail("releases", { with: { kind: "slow", message: "no answer within 10 s" } });
    cluster.fail("services");
    const report = await ask(cluster);
    expect(report).toEqual({
      version: 1,
      environment: "eqiad",
      ready: false,
      targets: [{ namespace: "mw-web", release: "main", exists: null, ready: false, findings: [] }],
      couldNotCheck: [
        { namespace: "mw-web", subject: "helm releases", code: "slow", message: "no answer within 10 s" },
        {
          namespace: "mw-web",
          subject: "Services",
          code: "forbidden",
          message: "services may not be read",
        },
      ],
    });
    expect(readinessOf(report)).toBe("unknown");
  });

  it("does not hide what could be read", async () => {
    const cluster = web({ releases: [], pods: [] });
    cluster.fail("pods");
    const report = await ask(cluster);
    expect(report.targets[0]).toMatchObject({
      exists: false,
      ready: false,
      findings: [{ code: "support-missing" }],
    });
    expect(report.couldNotCheck).toMatchObject([{ subject: "pods" }]);
    expect(readinessOf(report)).toBe("not-ready");
  });

  it("leaves an empty namespace an empty one, where only its being there is not known", async () => {
    const cluster = web({ releases: [], services: [] });
    cluster.fail("hasNamespace");
    const report = await ask(cluster);
    expect(report.targets[0]?.findings.map(({ code }) => code)).toEqual([
      "support-missing",
      "service-missing",
    ]);
    expect(report.couldNotCheck).toMatchObject([{ subject: "namespace" }]);
  });

  it("in one namespace is no matter of another", async () => {
    const cluster = web();
    cluster.contents.set("mw-debug", {});
    cluster.fail("services", { in: "mw-debug" });
    const report = await ask(cluster, { targets: [main, { namespace: "mw-debug", release: "next" }] });
    expect(report.targets.map(({ namespace, ready }) => [namespace, ready])).toEqual([
      ["mw-debug", false],
      ["mw-web", true],
    ]);
    expect(report.ready).toBe(false);
  });
});

describe("where nothing is required, a target is ready", () => {
  it("with the reason", async () => {
    const names = ["mw-videoscaler", "mw-debug", "mw-new", "mw-tools", "mw-web"];
    const cluster = new FakeCluster(Object.fromEntries(names.map((name) => [name, {}])));
    const targets = [
      { namespace: "mw-tools", release: "anything" },
      { namespace: "mw-videoscaler", release: "main" },
      { namespace: "mw-debug", release: "pinkunicorn" },
      { namespace: "mw-new", release: "main" },
      { namespace: "mw-web", release: "prometheus" },
    ];
    const report = await ask(cluster, { environment: "staging", targets });
    expect(readinessOf(report)).toBe("ready");
    expect(
      report.targets
        .flatMap((one) => one.findings.map((found) => Object.values(found).join(" | ")))
        .join("\n"),
    ).toMatchInlineSnapshot(`
      "nothing-required | info | namespace mw-debug | MediaWiki needs nothing first: the registry requires prometheus in eqiad, codfw, not in staging (registry.yaml:12:3) | 
      warning | release mw-new/main | class-unknown | nothing in registry.yaml says that it is MediaWiki | check the name; --inventory FILE or --services_dir DIR tells what it is
      nothing-required | info | namespace mw-new | MediaWiki needs nothing first: the registry has no entry for mw-new | --inventory FILE or --services_dir DIR tells whether a rule of the registry makes one of its releases support
      not-mediawiki | info | release mw-tools/anything | its class is other: nothing is required for it | 
      nothing-required | info | namespace mw-videoscaler | MediaWiki needs nothing first: the registry names no support release for mw-videoscaler (registry.yaml:15:3) | 
      not-mediawiki | info | release mw-web/prometheus | its class is support: nothing is required for it | "
    `);
  });

  it("and each release is told with the environments that it is required in", async () => {
    const limited = registry(
      `namespaces:\n  mw-new:\n    support: [{ release: a, environments: [codfw] }, { release: b, environments: [south] }]\n    mediawiki: [main]\n`,
    );
    const targets = [{ namespace: "mw-new", release: "main" }];
    const open = new FakeCluster({ "mw-new": {} }).open;
    const report = await preflight({ environment: "eqiad", targets }, { registry: limited, open });
    expect(report.targets[0]?.findings.map(({ message }) => message)).toEqual([
      "MediaWiki needs nothing first: the registry requires a in codfw; b in south, not in eqiad (registry.yaml:3:3)",
    ]);
  });

  it("and nothing more is to be found out, where no rule makes anything support", async () => {
    const onlyMediawiki = registry("rules:\n  - { match: { chart: mediawiki }, class: mediawiki }\n");
    const cluster = new FakeCluster({ "mw-new": {} });
    const targets = [{ namespace: "mw-new", release: "main" }];
    const report = await preflight(
      { environment: "eqiad", targets },
      { registry: onlyMediawiki, open: cluster.open },
    );
    const [, nothing] = report.targets[0]?.findings ?? [];
    expect(nothing).toMatchObject({ code: "nothing-required", remedy: "" });
  });

  it("but for a namespace that could not be read: whether it is there at all is not known", async () => {
    const cluster = new FakeCluster();
    for (const reading of ["releases", "services", "pods"] as const) cluster.fail(reading);
    const report = await ask(cluster, { targets: [{ namespace: "mw-videoscaler", release: "main" }] });
    expect(report.targets).toMatchObject([{ exists: null, ready: false }]);
    expect(report.couldNotCheck).toHaveLength(3);
    expect(readinessOf(report)).toBe("unknown");
  });

  it("and so is a question about no target", async () => {
    const report = await ask(new FakeCluster(), { targets: [] });
    expect(report).toEqual({ version: 1, environment: "eqiad", ready: true, targets: [], couldNotCheck: [] });
  });
});

describe("releases that are named at run time", () => {
  const debug = (releases: FakeNamespace["releases"] = []) =>
    new FakeCluster({ "mw-debug": { releases: [helmRelease("mw-debug/prometheus"), ...releases] } });
  const debugTargets = async (cluster: FakeCluster) => {
    const { targets } = await askAll(cluster);
    return targets.filter(({ namespace }) => namespace === "mw-debug");
  };

  it("are those that helm has, where the whole environment is asked about", async () => {
    const gone = helmRelease("mw-debug/old", { status: "uninstalled" });
    const targets = await debugTargets(debug([helmRelease("mw-debug/pinkunicorn"), gone]));
    expect(targets).toMatchObject([{ release: "pinkunicorn", exists: true, ready: false }]);
  });

  it("are one target together where helm has none, or nobody knows", async () => {
    expect(await debugTargets(debug())).toMatchObject([{ release: "*", exists: false }]);
    const unread = debug([helmRelease("mw-debug/pinkunicorn")]);
    unread.fail("releases");
    expect(await debugTargets(unread)).toMatchObject([{ release: "*", exists: null, ready: false }]);
  });

  it("can be asked about together, with all their pods and no others", async () => {
    const cluster = debug([helmRelease("mw-debug/next")]);
    cluster.contents.set("mw-debug", {
      ...cluster.contents.get("mw-debug"),
      services: [statsd],
      pods: [
        pod("mw-debug/next", "next-1"),
        pod("mw-debug/prometheus", "prometheus-1"),
        pod("mw-debug/pinkunicorn", "pinkunicorn-1"),
      ],
    });
    const report = await ask(cluster, { targets: [{ namespace: "mw-debug", release: "*" }] });
    expect(report.targets).toMatchObject([
      {
        release: "*",
        exists: true,
        findings: [{ subject: "release mw-debug/next" }, { subject: "release mw-debug/pinkunicorn" }],
      },
    ]);
    const one = await ask(cluster, { targets: [{ namespace: "mw-debug", release: "next" }] });
    expect(one.targets).toMatchObject([{ findings: [{ subject: "release mw-debug/next" }] }]);
  });
});

describe("compared with a tree", () => {
  const listed = [
    release("mw-web/prometheus", exporter),
    release("mw-web/main", mediawiki),
    release("mw-web/next", { ...mediawiki, installed: false }),
  ];

  it("the whole environment is what helmfile installs of MediaWiki, and what it names at run time", async () => {
    const releases = [
      ...listed,
      release("mw-debug/prometheus", { ...exporter, service: "debugging/mw-debug" }),
      release("mw-new/main", mediawiki),
      release("citoid/main"),
    ];
    const report = await askAll(new FakeCluster(), { tree: tree(releases) });
    expect(report.targets.map(({ namespace, release: name }) => `${namespace}/${name}`)).toEqual([
      "mw-debug/*",
      "mw-new/main",
      "mw-web/main",
    ]);
  });

  it("support that only a rule knows is required too, and commands name its service", async () => {
    const releases = [
      release("mw-new/main", mediawiki),
      release("mw-new/statsd", { ...exporter, service: "train/mw-new", kubeconfig: "/etc/new.config" }),
    ];
    const cluster = new FakeCluster({ "mw-new": { pods: [pod("mw-new/main", "main-1")] } });
    const targets = [{ namespace: "mw-new", release: "main" }];
    expect(await findings(cluster, { tree: tree(releases), targets })).toMatchInlineSnapshot(`
      "error support-missing: release mw-new/statsd
        MediaWiki needs it first, and it is not deployed
        charlie-mediawiki apply --support-only -e eqiad -s train/mw-new"
    `);
    expect(cluster.opened).toEqual([["/etc/kubernetes/mw-new-deploy-eqiad.config", "/etc/new.config"]]);
  });

  it("a required release that no helmfile installs is an error of its own", async () => {
    const releases = [release("mw-web/main", mediawiki)];
    expect(
      await findings(web({ releases: [], services: [] }), { tree: tree(releases) }),
    ).toMatchInlineSnapshot(`
      "error support-not-listed: release mw-web/prometheus
        the registry requires it (registry.yaml:10:15), and no helmfile installs it in eqiad
        add it to the helmfile, or name the environments that need it: { release: prometheus, environments: […] }
      error service-missing: service mw-web/statsd-exporter-prometheus
        it is not there, so that containers start without STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST
        add it to the helmfile, or name the environments that need it: { release: prometheus, environments: […] }"
    `);
  });

  it("a target that no helmfile lists or installs is warned of, and ready all the same", async () => {
    const targets = ["next", "mian"].map((name) => ({ namespace: "mw-web", release: name }));
    const report = await ask(web(), { tree: tree(listed), targets });
    expect(
      report.targets.map(({ release: name, ready, findings: [one] }) => [name, ready, one?.code]),
    ).toEqual([
      ["mian", true, "release-not-listed"],
      ["next", true, "not-installed"],
    ]);
    expect(report.targets.flatMap((one) => one.findings.map(({ message }) => message))).toEqual([
      "no helmfile lists it in eqiad",
      "its helmfile does not install it in eqiad",
    ]);
  });

  it("any name will do where they come up at run time", async () => {
    const cluster = new FakeCluster({
      "mw-debug": { releases: [helmRelease("mw-debug/prometheus")], services: [statsd] },
    });
    const releases = [release("mw-debug/prometheus", exporter)];
    const targets = [{ namespace: "mw-debug", release: "hotfix" }];
    expect((await ask(cluster, { tree: tree(releases), targets })).targets[0]?.findings).toEqual([]);
  });

  it("a service that could not be read leaves its namespace to the registry, and is said", async () => {
    const unreadable = [{ service: "mw-web", message: "map has no entry" }];
    const report = await askAll(web(), { tree: tree([], { unreadable }) });
    expect(
      report.targets.map(({ release: name, ready, findings: [one] }) => [
        name,
        ready,
        one?.code,
        one?.remedy,
      ]),
    ).toEqual([
      ["canary", true, "helmfile-unreadable", ""],
      ["main", true, "helmfile-unreadable", ""],
      ["next", true, "helmfile-unreadable", ""],
    ]);
  });

  it("namespaces that could not be read stand among the others, by name", async () => {
    const unreadable = ["mw-web", "mw-videoscaler"].map((service) => ({ service, message: "no values" }));
    const read = ["mw-api", "mw-x", "mw-w"].map((namespace) => release(`${namespace}/main`, mediawiki));
    const report = await askAll(new FakeCluster(), { tree: tree(read, { unreadable }) });
    expect([...new Set(report.targets.map(({ namespace }) => namespace))]).toEqual([
      "mw-api",
      "mw-videoscaler",
      "mw-w",
      "mw-web",
      "mw-x",
    ]);
  });

  it("a namespace is asked about once, where another service of it could be read", async () => {
    const unreadable = [{ service: "mw-web", message: "map has no entry" }];
    const elsewhere = release("mw-web/main", { ...mediawiki, service: "train" });
    const report = await askAll(web(), { tree: tree([elsewhere], { unreadable }) });
    expect(report.targets.map(({ release: name, ready }) => [name, ready])).toEqual([["main", true]]);
  });

  it("what it does not list in a namespace that is none of MediaWiki's is not known to be MediaWiki", async () => {
    const targets = ["maim", "main"].map((name) => ({ namespace: "thumbor", release: name }));
    const listed = tree([release("thumbor/main")]);
    const report = await ask(new FakeCluster({ thumbor: {} }), { targets, tree: listed });
    expect(report.targets.map(({ findings }) => findings.map(({ code }) => code))).toEqual([
      ["release-not-listed", "class-unknown", "nothing-required"],
      ["not-mediawiki"],
    ]);
  });

  it("what nothing classifies is told, as MediaWiki may need it first", async () => {
    const cache = { chart: "wmf-stable/cache" };
    const releases = [
      ...[...listed, release("mw-web/cache", cache)],
      release("mw-web/old-cache", { ...cache, installed: false }),
      ...[release("mw-videoscaler/main", mediawiki), release("mw-videoscaler/cache", cache)],
    ];
    expect(await findings(web(), { tree: tree(releases) })).toMatchInlineSnapshot(`
      "warning unclassified-release: release mw-web/cache
        whether MediaWiki needs it first is not known: mw-web/cache (chart wmf-stable/cache) is in a MediaWiki namespace, and nothing in the registry says what it is
        add one of these lines to the entry of mw-web in registry.yaml, in place of the one with the same key if there is one:
      namespaces:
        mw-web:
          support: [prometheus, cache]               # MediaWiki needs it first
          mediawiki: [canary, [main, next], cache]   # scap deploys it
          other: [cache]                             # neither"
    `);
  });
});
