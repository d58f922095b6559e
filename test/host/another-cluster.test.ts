import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startFakeKubernetes } from "../support/fake-kubernetes.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type BuiltCommand, buildCommand } from "./support/built-command.ts";
import { clusterBehind } from "./support/cluster-behind.ts";
import { controlledHelmfile } from "./support/controlled-helmfile.ts";
import { runInProcess } from "./support/in-process.ts";

let command: BuiltCommand;
beforeAll(async () => {
  command = await buildCommand();
});
afterAll(() => command.remove());

it("a restore doubts a wiped cluster that is not the one that the helmfiles deploy to", async () => {
  const helmfile = controlledHelmfile();
  const { registryFile, kubernetes } = await clusterBehind(helmfile);
  const other = await startFakeKubernetes();
  const restoring = async (kubeconfig: string | undefined, ...flags: string[]) => {
    const named = kubeconfig === undefined ? {} : { kubeconfig };
    const releases = [{ name: "main", namespace: "toolhub", chart: "wmf-stable/toolhub", ...named }];
    const services = [{ service: "toolhub", helmfile: "toolhub/helmfile.yaml", releases }];
    const inventory = JSON.stringify({ version: 1, environment: "north", services, absent: [], errors: [] });
    const folder = temporaryFolder({ "inventory.json": inventory });
    const [verb = "restore", ...others] = flags[0]?.startsWith("-") === false ? flags : ["restore", ...flags];
    const own = ["--plugin", command.folder, "--registry", registryFile];
    const argv = [verb, "--yes", ...own, "--log_dir", join(folder, "logs")];
    return runInProcess([...argv, "--inventory", join(folder, "inventory.json"), ...others], {
      env: { PATH: helmfile.path, HOME: folder, KUBECONFIG: other.kubeconfigFile },
    });
  };
  try {
    const refused = await restoring(other.kubeconfigFile);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain(
      `the helmfiles deploy to ${other.url} (${other.kubeconfigFile}), which is not the cluster that was looked at`,
    );
    expect(refused.stderr).toContain("nothing was deployed: another cluster was looked at");
    expect(helmfile.calls()).toEqual([]);
    expect((await restoring(other.kubeconfigFile, "--not-wiped", "north")).exitCode).toBe(0);
    expect((await restoring(kubernetes.kubeconfigFile)).exitCode).toBe(0);
    // Where the helmfile names none, helm takes its own, here that of KUBECONFIG.
    expect((await restoring(undefined)).exitCode).toBe(2);
    // Who may not ask for its version knows where it leads all the same.
    kubernetes.answer("/version", { kind: "status", status: 403 });
    expect((await restoring(other.kubeconfigFile)).exitCode).toBe(2);
    kubernetes.answer("/version", undefined);
    const applied = await restoring(other.kubeconfigFile, "apply", "--kubeconfig", kubernetes.kubeconfigFile);
    expect(applied.exitCode).toBe(2);
    expect(applied.stderr).toContain("which is not the cluster that is looked at with --kubeconfig");
    // One that cannot be read says nothing about where it leads.
    expect((await restoring("/nonexistent.config")).exitCode).toBe(0);
  } finally {
    await other.stop();
  }
});
