// What it costs to watch all namespaces of a cluster while a rollout changes them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isProgram, megabytes, runAndPrint } from "./finding.js";
import {
  fillNamespaces,
  kubeconfigOf,
  mediawikiRelease,
  reportStatus,
  wayTo,
  withLoopbackCluster,
  writeRegistry,
} from "./loopback-cluster.js";
import { median, takeTurns } from "./measure.js";
import { mediawikiPod, podStatus } from "./mediawiki-objects.js";

const rounds = 3;
const seconds = 30;
const changesPerSecond = 10;
/** Milliseconds from one step's beginning to the next: each starts a helmfile, which takes two cores longer than that. */
const gap = 100;
const limits = { share: 0.05, peakBytes: 150e6 };

const namespaces = Array.from({ length: 150 }, (_, at) => `service-${String(at + 1).padStart(3, "0")}`);

/** @typedef {import("./loopback-cluster.js").Cluster} Cluster */
/** @typedef {ReturnType<typeof mediawikiPod>} Pod */
/**
 * @typedef {object} Measured what watching-measure.js prints
 * @property {number} share
 * @property {number} connectingMs
 * @property {number} peakBytes
 * @property {number} pods
 * @property {number} events
 * @property {number} evidence
 * @property {number} failures
 */

/** @type {import("./finding.js").Benchmark} */
export function watching() {
  return withLoopbackCluster([], async (cluster, folder) => {
    const pods = await fillNamespaces(cluster, { namespaces, podsEach: 5, revisions: 0 });
    writeRegistry(folder, { namespaces, way: wayTo(cluster), token: cluster.token });
    const watched = namespaces.map((namespace) => ({
      namespace,
      kubeconfig: kubeconfigOf(namespace, folder),
    }));
    const churn = (/** @type {number} */ round) => (/** @type {AbortSignal} */ signal) =>
      rollOut(cluster, { pods, round, signal });
    const runs = await takeTurns(rounds, {
      idle: () => measure([], { seconds: 1 }),
      watching: (round) => measure(watched, { seconds, gapMs: gap, meanwhile: churn(round) }),
      atOnce: () => measure(watched, { seconds: 1 }),
    });
    const { idle = [], watching = [], atOnce = [] } = runs;
    for (const { pods, events, evidence, failures } of watching) {
      const heard = [pods, events, evidence].every((count) => count > seconds / 3);
      if (!heard || failures > 0)
        throw new Error(`not all was seen: ${JSON.stringify({ pods, events, evidence, failures })}`);
    }
    return findings({ idle, watching, atOnce });
  });
}

/**
 * @param {readonly { namespace: string, kubeconfig: string }[]} watched
 * @param {{ seconds: number, gapMs?: number, meanwhile?: (signal: AbortSignal) => Promise<void> }} options `meanwhile`
 *   happens once all of them are watched
 * @returns {Promise<Measured>}
 */
async function measure(watched, { seconds, gapMs = 0, meanwhile = async () => {} }) {
  const file = fileURLToPath(new URL("watching-measure.js", import.meta.url));
  const args = [file, `${seconds}`, `${gapMs}`, JSON.stringify(watched)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const ended = new AbortController();
  let happening = Promise.resolve();
  let answer = "";
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "connected") happening = meanwhile(ended.signal);
    else answer = line;
  }
  ended.abort();
  const [[exitCode]] = await Promise.all([closed, happening]);
  if (exitCode !== 0) throw new Error(`watching-measure.js ended with exit code ${exitCode}`);
  return JSON.parse(answer);
}

/**
 * Most changes are pods that get ready or do not; every fifth is a container that crashes, is held back and starts
 * again, with a warning.
 *
 * @param {Cluster} cluster
 * @param {{ pods: readonly Pod[], round: number, signal: AbortSignal }} options
 */
async function rollOut(cluster, { pods, round, signal }) {
  const crashing = namespaces
    .slice(0, 15)
    .map((namespace) => mediawikiPod({ namespace, release: mediawikiRelease, at: 100 + round }));
  for (const pod of crashing) {
    await cluster.request("POST", `/api/v1/namespaces/${pod.metadata.namespace}/pods`, pod);
  }
  const began = performance.now();
  for (let change = 0; ; change += 1) {
    await sleep(began + (change * 1000) / changesPerSecond - performance.now(), undefined, { signal }).catch(
      () => {},
    );
    if (signal.aborted) return;
    // Steps that share no factor with the number of pods, so that all get their turn.
    const pod = pods[(change * 7) % pods.length];
    if (change % 5 > 0 && pod) await reportStatus(cluster, pod, podStatus(pod, { ready: change % 2 === 0 }));
    const turn = Math.floor(change / 5);
    const crashed = crashing[turn % crashing.length];
    if (change % 5 === 0 && crashed) await crash(cluster, crashed, Math.floor(turn / crashing.length));
  }
}

async function crash(/** @type {Cluster} */ cluster, /** @type {Pod} */ pod, /** @type {number} */ restarts) {
  const now = `${new Date().toISOString().slice(0, 19)}Z`;
  const terminated = { exitCode: 78, reason: "Error", startedAt: now, finishedAt: now };
  const message = "back-off 10s restarting failed container=app";
  const states = [
    { terminated },
    { waiting: { reason: "CrashLoopBackOff", message } },
    { running: { startedAt: now } },
  ];
  const state = states[restarts % states.length] ?? { terminated };
  const lastState = "terminated" in state ? {} : { terminated };
  await reportStatus(cluster, pod, podStatus(pod, { ready: false, restarts, state, lastState }));
  const { namespace, name } = pod.metadata;
  await cluster.request("POST", `/api/v1/namespaces/${namespace}/events`, {
    metadata: { generateName: "warning-", namespace },
    involvedObject: { kind: "Pod", namespace, name },
    type: "Warning",
    reason: "Unhealthy",
    message: `Readiness probe failed: dial tcp 10.64.0.1:9181: connect: connection refused (${restarts})`,
    firstTimestamp: now,
    lastTimestamp: now,
  });
}

/** @returns {import("./finding.js").Finding[]} */
function findings(/** @type {Record<"idle" | "watching" | "atOnce", readonly Measured[]>} */ runs) {
  const { idle, watching, atOnce } = runs;
  const shares = watching.map(({ share }) => share);
  const peaksOf = (/** @type {readonly Measured[]} */ measured) => measured.map(({ peakBytes }) => peakBytes);
  const peaks = peaksOf(watching);
  const percent = (/** @type {number} */ value) => `${(value * 100).toFixed(1)} %`;
  return [
    {
      what: `watching ${namespaces.length} namespaces, ${changesPerSecond} changes a second`,
      measured: percent(median(shares)),
      compared: `one core, for ${seconds} s`,
      value: `${percent(Math.min(...shares))} to ${percent(Math.max(...shares))}`,
      limit: percent(limits.share),
      met: median(shares) <= limits.share,
    },
    {
      what: "peak memory of that process",
      measured: megabytes(median(peaks)),
      compared: `the same that watches nothing (${megabytes(median(peaksOf(idle)))})`,
      value: `${megabytes(Math.min(...peaks))} to ${megabytes(Math.max(...peaks))}`,
      limit: megabytes(limits.peakBytes),
      met: median(peaks) <= limits.peakBytes,
    },
    {
      what: "the same where all steps begin in the same moment",
      measured: megabytes(median(peaksOf(atOnce))),
      compared: "",
      value: "",
      limit: "",
      met: true,
    },
    {
      what: "CPU time until all of them are seen, start of Node included",
      measured: `${(median(watching.map(({ connectingMs }) => connectingMs)) / 1000).toFixed(2)} s`,
      compared: "",
      value: "",
      limit: "",
      met: true,
    },
  ];
}

if (isProgram(import.meta.url)) await runAndPrint({ Watching: watching });
