import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import { fail, type Result } from "../core/common/result.ts";
import { readUntil } from "./hung-reads.ts";
import type { Kubeconfig } from "./kubeconfig.ts";

/** Reads a kubeconfig, but not beyond the signal. */
export async function loadUntil(
  file: string,
  signal: AbortSignal | undefined,
): Promise<Result<Kubeconfig, ClusterFailure>> {
  const { loadKubeconfig } = await import("./kubeconfig.ts");
  const instead = () =>
    fail<ClusterFailure>({ kind: "cancelled", message: `nobody waits for ${file} any more` });
  return readUntil(loadKubeconfig(file), { signal, instead });
}

/**
 * The address of the API server that a kubeconfig leads to, as `ClusterIdentity` has it; undefined where the file does
 * not tell. Reads the file and asks nobody.
 */
export async function serverOfKubeconfig(
  file: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const loaded = await loadUntil(file, signal);
  return loaded.ok ? loaded.value.address : undefined;
}
