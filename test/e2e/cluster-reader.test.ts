import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { ClusterFailure } from "../../src/core/cluster/cluster-failure.ts";
import type { ClusterReader, EventFacts, PodFacts } from "../../src/core/cluster/cluster-reader.ts";
import { ok, type Result } from "../../src/core/common/result.ts";
import { clusterAccess } from "../../src/io/cluster-access.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { openGateway } from "./support/gateway.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("the reader of a real cluster", () => {
  const at = useEmptyCluster();

  function readerWith(kubeconfig: string): ClusterReader {
    const { open, close } = clusterAccess({ kubeconfig, env: {} });
    onTestFinished(close);
    return open([]);
  }

  function kubeconfigWith(name: string, change: (text: string) => string): string {
    const file = join(at.cluster.folder, name);
    writeFileSync(file, change(readFileSync(at.cluster.kubeconfigFile, "utf8")));
    return file;
  }

  const sync = async (release: string, env: Record<string, string> = {}) => {
    const [namespace = "", name] = release.split("/");
    const args = ["--environment", "eqiad", "--selector", `name=${name}`, "sync"];
    return (await at.shell.helmfile(namespace, args, { env })).exitCode;
  };

  it("sees what helm has deployed", async () => {
    expect(await sync("mw-web/prometheus")).toBe(0);
    expect(await sync("mw-web/main")).toBe(0);
    expect(await sync("mw-mcrouter/main")).toBe(0);
    const reader = readerWith(at.cluster.kubeconfigFile);

    const version = expect.stringMatching(/^v1\.\d+/);
    const identity = { server: at.cluster.server, version, nodes: ok({ total: 1, ready: 1 }) };
    expect(await reader.identity()).toEqual(ok(identity));
    expect(await reader.hasNamespace("mw-web")).toEqual(ok(true));
    expect(await reader.hasNamespace("mw-nowhere")).toEqual(ok(false));
    expect(read(await reader.namespaces())).toEqual(expect.arrayContaining(["kube-system", "mw-web"]));
    expect(Object.fromEntries(read(await reader.podCounts()))).toEqual({ "mw-web": 2, "mw-mcrouter": 1 });

    const deployed = {
      ...{ status: "deployed", revision: 1, fallbackRevision: 1 },
      createdAt: expect.any(Number),
    };
    expect(await reader.releases("mw-web")).toEqual(
      ok([
        { namespace: "mw-web", name: "main", ...deployed },
        { namespace: "mw-web", name: "prometheus", ...deployed },
      ]),
    );
    expect(read(await reader.releases())).toHaveLength(3);

    const { now, services } = read(await reader.services("mw-web"));
    expect(services).toEqual([
      {
        name: "statsd-exporter-prometheus",
        clusterIp: expect.stringMatching(/^10\.96\./),
        createdAt: expect.any(Number),
      },
    ]);
    expect(Math.abs(now - Date.now())).toBeLessThan(60_000);
    expect(services[0]?.createdAt).toBeLessThanOrEqual(now);

    expect(await reader.daemonSets("mw-mcrouter")).toEqual(
      ok([
        {
          name: "mcrouter-main",
          release: "main",
          generation: 1,
          observedGeneration: 1,
          desired: 1,
          ready: 1,
          updated: 1,
          nodeSelector: [],
        },
      ]),
    );

    const pods = read(await reader.pods("mw-web"));
    expect(pods).toMatchObject([
      { release: "main", owner: { kind: "Deployment", name: "mediawiki-main" }, deleted: false },
      { release: "prometheus", owner: { kind: "Deployment", name: "statsd-exporter-prometheus" } },
    ]);
    const [main] = pods;
    const container = main?.containers[0];
    expect(container).toMatchObject({
      name: "mediawiki-main-app",
      state: { kind: "running", startedAt: expect.any(Number) },
      configMaps: ["main-php-envvars"],
    });
    expect(read(await reader.configMap("mw-web", "main-php-envvars"))).toEqual({
      "envvars.inc": expect.stringContaining("STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST"),
    });
    expect(await reader.configMap("mw-web", "nothing")).toEqual(ok(undefined));
    const running = { namespace: "mw-web", pod: main?.name ?? "", container: container?.name ?? "" };
    expect(await reader.log(running)).toEqual(ok(["NOTICE: ready to handle connections"]));
  });

  it("pages through a long list", async () => {
    const names = Array.from({ length: 620 }, (_, index) => `cm-${index}`);
    for (const name of names) {
      const secret = {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name, labels: { owner: "helm", name, status: "deployed", version: "1" } },
      };
      await at.cluster.request("POST", "/api/v1/namespaces/mw-web/secrets", secret);
    }
    const reader = readerWith(at.cluster.kubeconfigFile);
    const releases = read(await reader.releases("mw-web")).map(({ name }) => name);
    expect(releases.toSorted()).toEqual(names.toSorted());
  });

  it("tells who may not see from who is not known, and whom it does not trust", async () => {
    const { strangerKubeconfigFile, token } = at.cluster;
    expect(await readerWith(strangerKubeconfigFile).pods("mw-web")).toMatchObject({
      failure: { kind: "forbidden", message: expect.stringContaining('User "stranger" cannot list') },
    });
    const wrong = kubeconfigWith("wrong.config", (text) => text.replaceAll(token, "not-a-token"));
    const unknown = await readerWith(wrong).pods("mw-web");
    expect(unknown).toMatchObject({ failure: { kind: "unauthorized" } });
    expect(JSON.stringify(unknown)).not.toContain("not-a-token");
    const untrusting = kubeconfigWith("untrusting.config", (text) =>
      text.replace(/"certificate-authority": "[^"]*"/, '"tls-server-name": "localhost"'),
    );
    expect(await readerWith(untrusting).pods("mw-web")).toMatchObject({ failure: { kind: "untrusted" } });
    const otherName = kubeconfigWith("other-name.config", (text) =>
      text.replace(
        '"certificate-authority"',
        '"tls-server-name": "other.example.org", "certificate-authority"',
      ),
    );
    expect(await readerWith(otherName).pods("mw-web")).toMatchObject({ failure: { kind: "untrusted" } });
  });

  it("an API server that is away is unreachable, and is asked again when it is back", async () => {
    const gateway = await openGateway(at.cluster);
    onTestFinished(() => gateway.cut());
    const reader = readerWith(gateway.kubeconfigFile);
    expect(await reader.pods("mw-web")).toEqual(ok([]));
    await gateway.cut();
    expect(await reader.pods("mw-web")).toMatchObject({ failure: { kind: "unreachable" } });
    await gateway.mend();
    expect(await reader.pods("mw-web")).toEqual(ok([]));
  });

  it("a watch sees a pod crash-loop and go, also after the API server was away", async () => {
    const gateway = await openGateway(at.cluster);
    onTestFinished(() => gateway.cut());
    const pods: PodFacts[] = [];
    const events: EventFacts[] = [];
    const failures: ClusterFailure[] = [];
    const abort = new AbortController();
    onTestFinished(() => abort.abort());
    readerWith(gateway.kubeconfigFile).watch(
      "mw-web",
      {
        pod: (pod) => pods.push(pod),
        event: (event) => events.push(event),
        failed: (failure) => failures.push(failure),
      },
      abort.signal,
    );

    const crashes = () => pods.filter(({ containers }) => containers[0]?.lastEnd?.exitCode === 78);
    const gone = () => pods.filter(({ deleted }) => deleted);
    const first = sync("mw-web/main", { E2E_TIMEOUT: "5" });
    await expect.poll(crashes, { timeout: 20_000 }).not.toEqual([]);
    expect(crashes()[0]).toMatchObject({
      release: "main",
      containers: [{ state: { kind: "waiting", reason: "CrashLoopBackOff" }, restarts: 1 }],
    });
    expect(await first).toBe(1);
    await expect.poll(gone, { timeout: 20_000 }).not.toEqual([]);
    expect(events).toContainEqual({
      namespace: "mw-web",
      kind: "Pod",
      name: crashes()[0]?.name,
      reason: "BackOff",
      message: "Back-off restarting failed container",
    });
    expect(failures).toEqual([]);

    await gateway.cut();
    await expect.poll(() => failures, { timeout: 20_000 }).toMatchObject([{ kind: "unreachable" }]);
    const seen = events.length;
    expect(await sync("mw-web/main", { E2E_TIMEOUT: "3" })).toBe(1);
    await gateway.mend();
    // It was not there to see the second pod, and the events of it are told all the same.
    await expect.poll(() => events.length, { timeout: 20_000 }).toBeGreaterThan(seen);
    expect(await sync("mw-web/prometheus")).toBe(0);
    await expect
      .poll(() => pods.at(-1), { timeout: 20_000 })
      .toMatchObject({ release: "prometheus", containers: [{ state: { kind: "running" } }] });
    expect(failures).toHaveLength(1);
  });
});

function read<Value>(result: Result<Value, ClusterFailure>): Value {
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
}
