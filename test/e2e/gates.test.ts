import { expect, it } from "vitest";
import * as z from "zod";
import { listenTo } from "./support/during.ts";
import { chartFile, edit } from "./support/edit.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { deployedOnce } from "./support/releases.ts";
import { makeService } from "./support/services.ts";
import { simulateRollout } from "./support/simulated-rollout.ts";
import { outcomesIn } from "./support/summary.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("gates, which open on what is in the cluster and not on helm's word", () => {
  const at = useEmptyCluster({ services: ["mw-mcrouter", "mw-web", "toolhub"] });

  const restore = (...args: readonly string[]) =>
    at.shell.charlie(["restore", "-e", "eqiad", "--yes", "-o", "json", ...args]);

  const setGateSeconds = (seconds: number) =>
    edit(at.shell.registryFile, "gateSeconds: 60", `gateSeconds: ${seconds}`);

  const node = "/api/v1/nodes/node-1";
  const labelNode = (disk: string | null) =>
    at.cluster.request("PATCH", node, { metadata: { labels: { disk } } });

  /** Lets the DaemonSet run on nodes with a label only. The cluster's node does not have it. */
  const wantLabelledNode = () =>
    edit(
      chartFile(at.shell, "mcrouter", "templates", "daemonset.yaml"),
      "      terminationGracePeriodSeconds: 1\n",
      "      terminationGracePeriodSeconds: 1\n      nodeSelector: { disk: ssd }\n",
    );

  const noNode = "the DaemonSet mw-mcrouter/mcrouter-main wants no pod: the cluster has no node";

  it("a DaemonSet that no node matches keeps the gate shut, although helm waited and was content", async () => {
    wantLabelledNode();
    setGateSeconds(3);
    const services = ["mw-mcrouter", "toolhub"];
    const { exitCode, stdout, stderr } = await restore(...services.flatMap((service) => ["-s", service]));
    expect(exitCode).toBe(1);
    const outcomes = { "mw-mcrouter": "succeeded", toolhub: "blocked" };
    expect(outcomesIn(stdout)).toEqual(outcomes);
    const reason = `not within 3 s: ${noNode} with disk=ssd that it matches`;
    expect(stderr).toContain(`gate daemonsets stays shut: ${reason}\n`);
    expect(stderr).toContain(`toolhub blocked: the gate of daemonsets stayed shut: ${reason}`);
    expect(await at.shell.releases()).toEqual(deployedOnce("mw-mcrouter/main"));

    const simulated = await simulateRollout(at.shell, {
      mode: "restore",
      selection: { service: services },
      overrides: [{ chart: "mcrouter", model: { pods: 0 } }],
    });
    expect(simulated.outcomes).toEqual(outcomes);
    expect(simulated.shut).toEqual([
      expect.stringMatching(/^not within 3 s: the DaemonSet .*: the cluster has no node/),
    ]);
  });

  it("the gate opens as soon as a node matches and its pod is ready", async () => {
    wantLabelledNode();
    const command = restore("-s", "mw-mcrouter", "-s", "toolhub");
    await listenTo(command).until(`gate daemonsets waits: ${noNode}`);
    expect(await at.shell.releases()).toEqual(deployedOnce("mw-mcrouter/main"));
    const { exitCode } = await labelNode("ssd")
      .then(() => command)
      .finally(() => labelNode(null));
    expect(exitCode).toBe(0);
    expect(await at.shell.releases()).toEqual(deployedOnce("mw-mcrouter/main", "toolhub/main"));
    const ready = at.kubelet.history.filter(({ kind }) => kind === "ready").slice(-2);
    expect(ready.map(({ namespace }) => namespace)).toEqual(["mw-mcrouter", "toolhub"]);
  });

  /** The chart no longer makes the Service of which the registry says that it does. */
  const renameService = () =>
    edit(
      chartFile(at.shell, "statsd-exporter", "templates", "service.yaml"),
      "  name: statsd-exporter-",
      "  name: exporter-",
    );

  const noService = "the Service mw-web/statsd-exporter-prometheus of mw-web/prometheus is not there";

  it("a Service that no support release makes any more is named, and MediaWiki is held", async () => {
    renameService();
    setGateSeconds(3);
    const { exitCode, stdout, stderr } = await restore("--with-mediawiki", "-s", "mw-web");
    expect(exitCode).toBe(1);
    const outcomes = {
      "mw-web/prometheus": "succeeded",
      "mw-web/canary": "blocked",
      "mw-web/main": "blocked",
    };
    expect(outcomesIn(stdout)).toEqual(outcomes);
    expect(stderr).toContain(`gate support:mw-web stays shut: not within 3 s: ${noService}\n`);
    expect(await at.shell.releases()).toEqual(deployedOnce("mw-web/prometheus"));

    const simulated = await simulateRollout(at.shell, {
      mode: "restore",
      withMediawiki: true,
      selection: { service: ["mw-web"] },
      overrides: [{ chart: "statsd-exporter", model: { provides: [] } }],
    });
    expect(simulated).toMatchObject({ outcomes, shut: [`not within 3 s: ${noService}`] });
  });

  it("a Service that comes late is waited for, and then for the time that kubelets need to learn of it", async () => {
    renameService();
    edit(at.shell.registryFile, "settleSeconds: 1", "settleSeconds: 5");
    const command = restore("--with-mediawiki", "-s", "mw-web");
    const told = listenTo(command);
    await told.until(`gate support:mw-web waits: ${noService}`);
    const made = await makeService(at.cluster, "mw-web");
    const { creationTimestamp } = serviceSchema.parse(made).metadata;
    await told.until("of mw-web/prometheus is new: kubelets may not know of it for 5 s");
    const { exitCode } = await command;
    expect(exitCode).toBe(0);
    const [start] = at.kubelet.starts("mw-web", "canary").slice(-1);
    expect(start).toMatchObject({ restarts: 0, missing: [] });
    // Kubernetes tells whole seconds.
    expect(start?.at).toBeGreaterThanOrEqual(Date.parse(creationTimestamp) + 5_000);
  });
});

const serviceSchema = z.object({ metadata: z.object({ creationTimestamp: z.string() }) });
