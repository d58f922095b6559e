import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import { fail, type Result } from "../core/common/result.ts";
import { giveUpReading } from "./hung-reads.ts";
import type { Kubeconfig } from "./kubeconfig.ts";

/** Behind a signal nobody waits for a file system that is away, or for a pipe that nobody writes. */
export async function loadUntil(
  file: string,
  signal: AbortSignal | undefined,
): Promise<Result<Kubeconfig, ClusterFailure>> {
  const { loadKubeconfig } = await import("./kubeconfig.ts");
  let stop = () => {};
  const stopped = new Promise<Result<never, ClusterFailure>>((resolve) => {
    stop = () => {
      giveUpReading();
      resolve(fail({ kind: "cancelled", message: `nobody waits for ${file} any more` }));
    };
  });
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  try {
    return await Promise.race([loadKubeconfig(file), stopped]);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
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
