// A Kubernetes cluster on loopback for benchmarks: the one of the end-to-end tests, and the objects of MediaWiki in it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { stringify } from "yaml";
import { sideBySide } from "../dist/core/common/side-by-side.js";
import { findProgram } from "../dist/io/find-program.js";
import { helmRecord, mediawikiPod, nodeName, podStatus, service } from "./mediawiki-objects.js";

/** @typedef {import("../test/e2e/support/cluster.ts").Cluster} Cluster */

export const environment = "eqiad";

const servers = ["etcd", "kube-apiserver", "kube-controller-manager"];

/**
 * Measures with a cluster and a temporary folder, which are gone afterwards.
 *
 * @param {readonly string[]} tools that are needed beside the cluster's own
 * @param {(cluster: Cluster, folder: string) => Promise<import("./finding.js").Finding[]>} measure
 * @returns {ReturnType<import("./finding.js").Benchmark>}
 */
export async function withLoopbackCluster(tools, measure) {
  for (const tool of [...servers, ...tools]) {
    const found = await findProgram(tool, process.env);
    if (found === undefined) return { skipped: `${tool} is not on PATH: nothing was measured` };
  }
  const folder = mkdtempSync(join(tmpdir(), "charlie-mediawiki-bench-"));
  try {
    const { startCluster, startKubeletLogs } = await loadSupport(folder);
    const cluster = await startCluster();
    try {
      const certificate = join(cluster.folder, "apiserver.crt");
      const key = join(cluster.folder, "apiserver.key");
      const logs = await startKubeletLogs({ certificate, key, logOf: () => crashLog });
      try {
        await registerNode(cluster, logs.port);
        return { findings: await measure(cluster, folder) };
      } finally {
        await logs.stop();
      }
    } finally {
      await cluster.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const crashLog = Array.from({ length: 15 }, (_, at) => `[22-Nov-2026 15:00:${10 + at}] NOTICE: line ${at}\n`)
  .concat("ERROR: [pool www] FPM initialization failed\n")
  .join("");

/** Node 20 cannot import TypeScript.
 * @returns {Promise<typeof import("../test/e2e/support/cluster.ts") & typeof import("../test/e2e/support/kubelet-logs.ts")>}
 */
async function loadSupport(/** @type {string} */ folder) {
  const outfile = join(folder, "support.mjs");
  await build({
    stdin: {
      contents: 'export * from "./cluster.ts"; export * from "./kubelet-logs.ts";',
      resolveDir: fileURLToPath(new URL("../test/e2e/support", import.meta.url)),
    },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    logLevel: "warning",
  });
  return import(pathToFileURL(outfile).href);
}

/** There is no kubelet: what a pod does is what the benchmark says of it. */
async function registerNode(/** @type {Cluster} */ { request }, /** @type {number} */ logsPort) {
  await request("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: nodeName } });
  await request("PATCH", `/api/v1/nodes/${nodeName}/status`, {
    status: {
      addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
      daemonEndpoints: { kubeletEndpoint: { Port: logsPort } },
    },
  });
}

/** How many requests make the objects side by side. */
const requestsAtOnce = 16;

/**
 * Namespaces as they are when MediaWiki runs there: two support releases with their Services, and one of MediaWiki.
 *
 * @param {Cluster} cluster
 * @param {{ namespaces: readonly string[], podsEach: number, revisions: number }} options
 * @returns {Promise<ReturnType<typeof mediawikiPod>[]>}
 */
export async function fillNamespaces(cluster, { namespaces, podsEach, revisions }) {
  const { request } = cluster;
  await cluster.createNamespaces(...namespaces);
  const each = (/** @type {(namespace: string) => Promise<unknown>[]} */ work) =>
    sideBySide(namespaces, { limit: requestsAtOnce / 4, work: (namespace) => Promise.all(work(namespace)) });
  await each((namespace) => [
    ...[...supportReleases, mediawikiRelease].flatMap((release) =>
      Array.from({ length: revisions }, (_, at) => {
        const record = helmRecord({ namespace, release, revision: at + 1, isNewest: at + 1 === revisions });
        return request("POST", `/api/v1/namespaces/${namespace}/secrets`, record);
      }),
    ),
    ...supportReleases.map((release) =>
      request("POST", `/api/v1/namespaces/${namespace}/services`, service(serviceOf(release))),
    ),
  ]);
  const pods = namespaces.flatMap((namespace) =>
    Array.from({ length: podsEach }, (_, at) => mediawikiPod({ namespace, release: mediawikiRelease, at })),
  );
  await sideBySide(pods, {
    limit: requestsAtOnce,
    work: async (pod) => {
      await request("POST", `/api/v1/namespaces/${pod.metadata.namespace}/pods`, pod);
      await reportStatus(cluster, pod, podStatus(pod));
    },
  });
  return pods;
}

/** What kubelet would tell the API server. */
export function reportStatus(
  /** @type {Cluster} */ { request },
  /** @type {ReturnType<typeof mediawikiPod>} */ { metadata },
  /** @type {ReturnType<typeof podStatus>} */ status,
) {
  return request("PATCH", `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/status`, {
    status,
  });
}

/**
 * A kubeconfig for each namespace, as a deployment host has them, and the registry that leads to them.
 *
 * @param {string} folder
 * @param {{ namespaces: readonly string[], way: Record<string, unknown>, token: string }} options `way` is what a
 *   kubeconfig says of a cluster
 * @returns {string} the registry's file
 */
export function writeRegistry(folder, { namespaces, way, token }) {
  for (const namespace of namespaces) {
    const user = `${namespace}-deploy`;
    const kubeconfig = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "default",
      preferences: {},
      clusters: [{ name: environment, cluster: way }],
      contexts: [{ name: "default", context: { cluster: environment, namespace, user } }],
      users: [{ name: user, user: { token } }],
    };
    writeFileSync(kubeconfigOf(namespace, folder), stringify(kubeconfig));
  }
  const entries = namespaces.map(
    (namespace) =>
      `  ${namespace}: { support: [${supportReleases.join(", ")}], mediawiki: [${mediawikiRelease}] }`,
  );
  const provided = supportReleases.map(
    (release) => `  ${release}: { provides: [service/${serviceOf(release)}] }`,
  );
  const file = join(folder, "registry.yaml");
  const lines = [
    "version: 1",
    "namespaces:",
    ...entries,
    "services:",
    ...provided,
    `kubeconfig: ${JSON.stringify(kubeconfigOf("{namespace}", folder, "{environment}"))}`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

/** What a kubeconfig says of the cluster. */
export function wayTo(/** @type {Cluster} */ { server, folder }) {
  return { server, "certificate-authority": join(folder, "apiserver.crt") };
}

export function kubeconfigOf(
  /** @type {string} */ namespace,
  /** @type {string} */ folder,
  of = environment,
) {
  return join(folder, `${namespace}-deploy-${of}.config`);
}

const supportReleases = ["mediawiki-common", "prometheus"];
export const mediawikiRelease = "main";

function serviceOf(/** @type {string} */ release) {
  return release === "prometheus" ? "statsd-exporter-prometheus" : release;
}
