import { statSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { ClusterFailure } from "../core/cluster/cluster-failure.ts";
import type { OpenCluster } from "../core/cluster/cluster-reader.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import { firstOf } from "../core/common/words.ts";
import { fileFaultCode } from "./file-fault.ts";
import { heardByMany } from "./heard-by-many.ts";
import { loadUntil } from "./kubeconfig-server.ts";
import { type KubernetesClient, openKubernetesClient } from "./kubernetes-client.ts";
import { KubernetesConnections } from "./kubernetes-connections.ts";
import { kubernetesReader } from "./kubernetes-reader.ts";

/** Which kubeconfig to look with, and for how long. */
export interface ClusterAccessOptions {
  /** The operator's choice, which beats what is asked for. @default what is asked for */
  readonly kubeconfig?: string | undefined;
  /** Of these, `KUBECONFIG` and `HOME` say where a kubeconfig is when none is asked for. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long one call may take, in milliseconds. @default 10_000 */
  readonly limitMs?: number | undefined;
  /** When nobody waits any more for any answer, by `performance.now()`. @default never */
  readonly deadline?: number | undefined;
  /** Aborted: like `close`. @default never aborted */
  readonly signal?: AbortSignal | undefined;
  /** Told the path of every call: to count them. @default nobody is told */
  readonly onCall?: ((path: string) => void) | undefined;
}

/** The way to clusters, open until it is closed. */
export interface ClusterAccess {
  /** Reads no file before the first reading. Without a kubeconfig, the one that helm would take. */
  readonly open: OpenCluster;
  /** Ends what still runs, and closes all connections. */
  readonly close: () => void;
}

/**
 * The ways to the clusters of a run: one client for each kubeconfig, whoever asks. It only reads. Close it at the
 * end: until then connections are kept open.
 *
 * @example
 * const access = clusterAccess({ env: process.env, limitMs: 5_000 });
 * try {
 *   const services = await access.open(["/etc/kubernetes/mw-web-eqiad.config"]).services("mw-web");
 *   if (!services.ok) console.error(services.failure.message);
 * } finally {
 *   access.close();
 * }
 */
export function clusterAccess(options: ClusterAccessOptions): ClusterAccess {
  // Each kubeconfig that is read listens.
  if (options.signal) heardByMany(options.signal);
  const clients = new Map<string, Promise<Result<KubernetesClient, ClusterFailure>>>();
  const connections = new KubernetesConnections();
  let closed = false;

  const clientOf = (file: string) => {
    const known = clients.get(file);
    if (known !== undefined) return known;
    const client = openClient(file, { ...options, connections }).then((opened) => {
      // One that opens after the end must not stay open.
      if (closed && opened.ok) opened.value.close();
      return opened;
    });
    clients.set(file, client);
    return client;
  };

  const close = () => {
    closed = true;
    options.signal?.removeEventListener("abort", close);
    for (const client of clients.values()) {
      void client.then((opened) => {
        if (opened.ok) opened.value.close();
      });
    }
    connections.close();
  };
  options.signal?.addEventListener("abort", close, { once: true });
  if (options.signal?.aborted) close();

  return {
    open: (kubeconfigs) => {
      const file = chooseKubeconfig(kubeconfigs, options);
      const reader = kubernetesReader(async () => (file.ok ? clientOf(file.value) : file));
      if (!file.ok) return reader;
      const server = async () => {
        const client = await clientOf(file.value);
        return client.ok ? client.value.server : undefined;
      };
      return { ...reader, kubeconfig: file.value, server };
    },
    close,
  };
}

async function openClient(
  file: string,
  options: ClusterAccessOptions & { readonly connections: KubernetesConnections },
): Promise<Result<KubernetesClient, ClusterFailure>> {
  const { limitMs = 10_000, deadline, onCall, connections, signal } = options;
  const kubeconfig = await loadUntil(file, signal);
  return kubeconfig.ok
    ? ok(openKubernetesClient(kubeconfig.value, { limitMs, deadline, onCall, connections }))
    : kubeconfig;
}

function chooseKubeconfig(
  kubeconfigs: readonly string[],
  { kubeconfig, env }: ClusterAccessOptions,
): Result<string, ClusterFailure> {
  if (kubeconfig !== undefined) {
    if (exists(kubeconfig)) return ok(kubeconfig);
    const message = `${noWay}: there is no ${kubeconfig}, which --kubeconfig names`;
    return fail({ kind: "no-kubeconfig", message });
  }
  const found = findKubeconfig(kubeconfigs, env);
  return found.ok ? found : noKubeconfig(found.failure);
}

/** The one to look with, or why there is none. */
function findKubeconfig(
  kubeconfigs: readonly string[],
  env: ClusterAccessOptions["env"],
): Result<string, string> {
  const candidates = kubeconfigs.length > 0 ? kubeconfigs : kubeconfigsOfHelm(env);
  for (const file of candidates) {
    if (exists(file)) return ok(file);
  }
  const [first] = candidates;
  if (first === undefined) return fail("$KUBECONFIG and $HOME are not set");
  if (candidates.length === 1) return fail(`there is no ${first}`);
  // One for each namespace of a cluster would bury what to do.
  return fail(`none of these exists: ${firstOf(candidates, 4)}`);
}

/** What keeps from looking with these, in words; undefined where nothing does, as far as that shows without a server. */
export async function kubeconfigFault(
  kubeconfigs: readonly string[],
  { env, signal }: Pick<ClusterAccessOptions, "env" | "signal">,
): Promise<string | undefined> {
  const found = findKubeconfig(kubeconfigs, env);
  if (!found.ok) return found.failure;
  const loaded = await loadUntil(found.value, signal);
  return loaded.ok ? undefined : loaded.failure.message;
}

const noWay = "no kubeconfig to reach the cluster with";

function noKubeconfig(reason: string): Result<never, ClusterFailure> {
  const message = `${noWay}: ${reason}; name one with --kubeconfig FILE`;
  return fail({ kind: "no-kubeconfig", message });
}

/** What helm takes where nothing is said: of several files in `KUBECONFIG`, which helm merges, the first one counts. */
export function kubeconfigsOfHelm({ KUBECONFIG, HOME }: ClusterAccessOptions["env"]): string[] {
  const named = KUBECONFIG?.split(delimiter).filter((file) => file !== "") ?? [];
  if (named.length > 0) return named;
  return HOME === undefined ? [] : [join(HOME, ".kube", "config")];
}

/** One that may not be looked at is there: reading it tells what is wrong with it. */
function exists(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch (error) {
    return !["ENOENT", "ENOTDIR"].includes(fileFaultCode(error) ?? "");
  }
}
