/**
 * The address of the API server that a kubeconfig leads to, as `ClusterIdentity` has it; undefined where the file does
 * not tell. Reads the file and asks nobody.
 */
export async function serverOfKubeconfig(file: string): Promise<string | undefined> {
  const { loadKubeconfig } = await import("./kubeconfig.ts");
  const loaded = await loadKubeconfig(file);
  return loaded.ok ? loaded.value.address : undefined;
}
