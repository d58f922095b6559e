import type { ClusterReader } from "../core/cluster/cluster-reader.ts";
import { deployingKubeconfigs } from "../core/plan/cluster-kubeconfigs.ts";
import type { Plan } from "../core/plan/plan.ts";
import { kubeconfigsOfHelm } from "../io/cluster-access.ts";
import { serverOfKubeconfig } from "../io/kubeconfig-server.ts";
import { namespacesOf } from "./cluster-readers.ts";

/**
 * The servers that helmfile deploys to and that are not the one that a reader looks at, each in words with the file that
 * leads there. What is seen says nothing about them. A file that does not exist, or that nobody can read, leads nowhere for
 * helm either.
 */
export async function otherServers(
  plan: Plan,
  {
    reader,
    env,
    signal,
  }: {
    readonly reader: ClusterReader;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly signal: AbortSignal;
  },
): Promise<string[]> {
  const looked = await reader.server?.();
  if (looked === undefined) return [];
  const named = plan.steps.flatMap(({ kubeconfig }) => kubeconfig ?? []);
  // Where the helmfile names none, helm takes its own.
  const own = named.length < plan.steps.length ? kubeconfigsOfHelm(env) : [];
  const registered = namespacesOf(plan).flatMap((namespace) => deployingKubeconfigs(plan, namespace));
  const files = [...new Set([...named, ...own, ...registered])];
  const found = await Promise.all(
    files.map(async (file) => [await serverOfKubeconfig(file, signal), file] as const),
  );
  const others = new Map(found.filter(([server]) => server !== undefined && server !== looked));
  return [...others].map(([server, file]) => `${server} (${file})`);
}
