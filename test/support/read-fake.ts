import { onTestFinished } from "vitest";
import type { ClusterReader } from "../../src/core/cluster/cluster-reader.ts";
import { ok } from "../../src/core/common/result.ts";
import { type ClusterAccessOptions, clusterAccess } from "../../src/io/cluster-access.ts";
import { loadKubeconfig } from "../../src/io/kubeconfig.ts";
import { type ClientOptions, type Connect, openKubernetesClient } from "../../src/io/kubernetes-client.ts";
import { type FakeKubernetes, type FakeKubernetesOptions, startFakeKubernetes } from "./fake-kubernetes.ts";

/** A fake API server and a reader of it, both closed when the test has ended. */
export async function readFake(
  options: FakeKubernetesOptions = {},
  access: Partial<ClusterAccessOptions> = {},
): Promise<{
  readonly kubernetes: FakeKubernetes;
  readonly reader: ClusterReader;
  readonly close: () => void;
}> {
  const kubernetes = await startFakeKubernetes(options);
  onTestFinished(() => kubernetes.stop());
  const { open, close } = clusterAccess({ kubeconfig: kubernetes.kubeconfigFile, env: {}, ...access });
  onTestFinished(close);
  return { kubernetes, reader: open([]), close };
}

/** A fake API server and a client of it, both closed when the test has ended. */
export async function connectFake(
  options: FakeKubernetesOptions = {},
  client: Partial<ClientOptions> = {},
): Promise<{ readonly kubernetes: FakeKubernetes; readonly connect: Connect }> {
  const kubernetes = await startFakeKubernetes(options);
  onTestFinished(() => kubernetes.stop());
  const kubeconfig = await loadKubeconfig(kubernetes.kubeconfigFile);
  if (!kubeconfig.ok) throw new Error(kubeconfig.failure.message);
  const opened = openKubernetesClient(kubeconfig.value, { limitMs: 10_000, ...client });
  onTestFinished(() => opened.close());
  return { kubernetes, connect: async () => ok(opened) };
}
