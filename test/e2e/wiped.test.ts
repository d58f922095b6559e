import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { listenTo } from "./support/during.ts";
import { edit } from "./support/edit.ts";
import { useEmptyCluster } from "./support/empty-cluster.ts";
import { deployedOnce } from "./support/releases.ts";
import { grantRights, revokeRights } from "./support/rights.ts";
import { describeWithTools } from "./support/tools.ts";

describeWithTools("the check that a cluster is wiped before it is restored", () => {
  const at = useEmptyCluster({ services: ["miscweb", "thumbor", "toolhub"] });

  afterEach(() => revokeRights(at.cluster));

  const restore = (...args: readonly string[]) =>
    at.shell.charlie(["restore", "-e", "eqiad", "--yes", ...args]);

  it("tells which cluster it is and what is there, and refuses one that is in use, whatever --yes says", async () => {
    const pods = "/api/v1/namespaces/kube-system/pods";
    const containers = [{ name: "dns", image: "docker-registry.example.org/dns:1" }];
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "dns" }, spec: { containers } };
    await at.cluster.request("POST", pods, pod);

    const first = await restore("-s", "toolhub").finally(() =>
      at.cluster.request("DELETE", `${pods}/dns?gracePeriodSeconds=0`),
    );
    expect(first.exitCode).toBe(0);
    expect(first.stderr).toMatch(
      new RegExp(
        [
          `^cluster: ${at.cluster.server}, Kubernetes v1\\.\\d+\\.\\d+\\S*`,
          "nodes: 1 node, 1 ready",
          "namespaces: \\d+",
          "pods in system namespaces: 1",
          "pods in others: none",
          "helm releases: none",
          "the cluster of eqiad is wiped: its only pods are in system namespaces$",
        ].join("\n"),
        "m",
      ),
    );
    expect(await at.shell.releases()).toEqual(deployedOnce("toolhub/main"));

    const logged = at.shell.salLog();
    const second = await restore("-s", "toolhub", "-s", "thumbor");
    expect(second).toMatchObject({ exitCode: 2, stdout: "" });
    expect(second.stderr).toMatch(/^pods in others: 1 \(toolhub 1\)\nhelm releases: 1 \(toolhub\/main\)\n/m);
    expect(second.stderr).toContain("the cluster of eqiad is not wiped: there are pods in 1 other namespace");
    expect(second.stderr).toMatch(/^nothing was deployed: eqiad is in use, .* give --not-wiped eqiad$/m);
    const wrong = await restore("-s", "toolhub", "-s", "thumbor", "--not-wiped", "codfw");
    expect(wrong.exitCode).toBe(2);
    expect(await at.shell.releases()).toEqual(deployedOnce("toolhub/main"));
    expect(at.shell.salLog()).toEqual(logged);

    const third = await restore("-s", "toolhub", "-s", "thumbor", "--not-wiped", "eqiad");
    expect(third.exitCode).toBe(0);
    expect(third.stderr).toContain("the cluster of eqiad is not wiped");
    expect(await at.shell.releases()).toEqual(deployedOnce("thumbor/main", "toolhub/main"));
  });

  it("never takes a cluster for wiped whose pods it may not see", async () => {
    const kubeconfig = ["--kubeconfig", at.cluster.strangerKubeconfigFile];
    const { exitCode, stdout, stderr } = await restore("-s", "toolhub", ...kubeconfig);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: "" });
    expect(stderr).toMatch(
      /^whether the cluster of eqiad is wiped could not be found out: cannot read .*: 403 Forbidden: .*"stranger"/m,
    );
    expect(stderr).toContain("nothing was deployed");
    expect(stderr).not.toContain("is wiped: ");
    expect(await at.shell.releases()).toEqual({});
    expect(at.shell.salLog()).toEqual([]);
  });

  it("goes on where it may see pods and no helm releases, and says so", async () => {
    await grantRights(at.cluster, { verbs: ["list"], resources: ["pods", "namespaces"] });
    const kubeconfig = ["--kubeconfig", at.cluster.strangerKubeconfigFile];
    const { exitCode, stderr } = await restore("-s", "toolhub", ...kubeconfig);
    expect(stderr).toMatch(/^nodes: not known: cannot read .*: 403 Forbidden/m);
    expect(stderr).toMatch(/^helm releases: not known: cannot read .*: 403 Forbidden: secrets is forbidden/m);
    expect(stderr).toContain("the cluster of eqiad is wiped");
    expect(stderr).toMatch(/^warning: what exists in toolhub is not known: .*: 403 Forbidden/m);
    expect(exitCode).toBe(0);
    expect(await at.shell.releases()).toEqual(deployedOnce("toolhub/main"));
  });

  it("looks with the kubeconfig that may read everything, of whatever namespace has one, else with those that deploy", async () => {
    const { registryFile, folder } = at.shell;
    const { kubeconfigFile, strangerKubeconfigFile } = at.cluster;
    edit(registryFile, `\nkubeconfig: ${kubeconfigFile}`, `\nkubeconfig: ${strangerKubeconfigFile}`);
    edit(
      registryFile,
      `readKubeconfig: ${kubeconfigFile}`,
      `readKubeconfig: "${folder}/{namespace}-{environment}.config"`,
    );
    expect(await restore("-s", "miscweb", "-s", "toolhub")).toMatchObject({ exitCode: 3 });
    copyFileSync(kubeconfigFile, join(folder, "toolhub-eqiad.config"));
    const command = restore("-s", "miscweb", "-s", "toolhub");
    await listenTo(command).until("the cluster of eqiad is wiped");
    command.kill("SIGINT");
    expect(await command).toMatchObject({ exitCode: 130 });
  });
});
