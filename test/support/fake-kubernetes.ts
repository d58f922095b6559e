import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FakeApi } from "./fake-api.ts";
import type { Manner } from "./fake-manner.ts";
import type { KubernetesObject } from "./kubernetes-objects.ts";

/**
 * A Kubernetes API server on loopback, for tests of what reads a cluster: lists with pages and selectors, single
 * objects, metadata only, logs, watches. It is held to recorded answers of the real one by
 * `test/io/kubernetes-recorded.test.ts`; `kubernetes-objects.ts` makes objects for it.
 *
 * ```ts
 * const kubernetes = await startFakeKubernetes({ objects: [service("mw-web/statsd-exporter-prometheus")] });
 * kubernetes.answer("/api/v1/nodes", { kind: "status", status: 403 });
 * const { open, close } = clusterAccess({ kubeconfig: kubernetes.kubeconfigFile, env: {} });
 * ```
 */
export interface FakeKubernetes {
  readonly url: string;
  /** Of an administrator, who may do everything. In a temporary folder, which `stop` removes. */
  readonly kubeconfigFile: string;
  /** The path and query of every call so far, in order; the method before them where it is not GET. */
  calls(): string[];
  /** Adds objects, or replaces those of the same kind and name, and tells the watches. */
  put(...objects: readonly KubernetesObject[]): void;
  /** Removes an object (`namespace/name`, or `name`), and tells the watches. */
  remove(kind: string, id: string): void;
  /** The objects of a kind are these, and no others. */
  set(kind: string, objects: readonly KubernetesObject[]): void;
  /** What a container (`namespace/pod/container`) has logged; `previous` is the run before the present one. */
  setLog(container: string, text: string, options?: { readonly previous?: boolean }): void;
  /**
   * From now on calls of this path are answered in this manner: those that begin with the text, or match the pattern
   * (path and query), the newest rule first. `undefined` takes the rule of this path away.
   */
  answer(path: string | RegExp, manner: Manner | undefined): void;
  /** How many watches are open. */
  watching(): number;
  /** Writes a line of its own to all open watches of a path. */
  push(path: string, line: string): void;
  /** Tells all watches how far they are, as the real one does each minute. */
  bookmark(): void;
  /** Ends all watches, as the real one does when their time is up; or breaks their connections off. */
  endWatches(how: "in order" | "broken"): void;
  /** Forgets what changed until now: who begins to watch from before gets 410. */
  compact(): void;
  stop(): Promise<void>;
}

export interface FakeKubernetesOptions {
  readonly objects?: readonly KubernetesObject[];
  /** @default v1.31.4 */
  readonly version?: string;
  /** The server's clock, which only shows in the header `Date`. @default the real time */
  readonly now?: () => Date;
  /** Told of each call, before it is answered. */
  readonly onCall?: (call: string) => void;
}

/** Whoever starts it stops it. */
export async function startFakeKubernetes(options: FakeKubernetesOptions = {}): Promise<FakeKubernetes> {
  const api = new FakeApi(options);
  const folder = mkdtempSync(join(tmpdir(), "charlie-fake-kubernetes-"));
  const server = createServer((request, response) => api.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const url = `http://127.0.0.1:${address.port}`;
  const kubeconfigFile = join(folder, "admin.config");
  writeFileSync(kubeconfigFile, kubeconfigFor(url));
  return {
    url,
    kubeconfigFile,
    calls: () => [...api.calls],
    put: (...objects) => api.put(objects),
    remove: (kind, id) => api.remove(kind, id),
    set: (kind, objects) => api.set(kind, objects),
    setLog: (container, text, { previous = false } = {}) => api.logs.set(`${container} ${previous}`, text),
    answer: (path, manner) => api.rules.set(path, manner),
    watching: () => api.watches.count,
    push: (path, line) => api.watches.push(path, line),
    bookmark: () => api.watches.bookmark(),
    endWatches: (how) => api.watches.end(how),
    compact: () => api.watches.compact(),
    stop: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The text of a kubeconfig for a server without TLS. */
export function kubeconfigFor(url: string, user: object = { token: "fake-token" }): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "fake",
    clusters: [{ name: "fake", cluster: { server: url, "insecure-skip-tls-verify": true } }],
    users: [{ name: "admin", user }],
    contexts: [{ name: "fake", context: { cluster: "fake", user: "admin" } }],
  });
}
