// One measure of watching.js, in a process of its own. Arguments: how many seconds to measure, how many milliseconds lie
// between the beginnings of two steps, and a JSON list of `{ namespace, kubeconfig }`, one for each step; where it is
// empty, the process only loads what watching takes.
// Prints `connected` when it sees every namespace; at the end JSON: the share of one core, the peak memory in bytes.
import { setMaxListeners } from "node:events";
import { readdirSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { watchedBackend } from "../dist/io/watched-backend.js";

const [seconds, gapMs, watched = "[]"] = process.argv.slice(2);
/** @type {{ namespace: string, kubeconfig: string }[]} */
const namespaces = JSON.parse(watched);
const { clusterAccess } = await partOfCommand("cluster-access");
await partOfCommand("kubeconfig");

const end = new AbortController();
setMaxListeners(0, end.signal);
const access = clusterAccess({ env: process.env });
const unseen = new Set(namespaces.map(({ namespace }) => namespace));
const told = { pods: 0, events: 0, evidence: 0, failures: 0 };

const steps = namespaces.map(({ namespace }) => stepOf(namespace));
const backend = watchedBackend(untilTheEnd(), {
  plan: planOf(steps),
  clusterOf: (namespace) => counted(access.open(kubeconfigsOf(namespace))),
  outcomeOf: () => undefined,
  failFast: false,
});
const runs = steps.map(async (step, at) => {
  await sleep(at * Number(gapMs));
  const notice = () => {
    told.evidence += 1;
  };
  return backend.run(step, { signal: end.signal, output: () => {}, notice });
});
while (unseen.size > 0) await sleep(100);
const connecting = process.cpuUsage();
console.log("connected");
Object.assign(told, { pods: 0, events: 0, evidence: 0 });

const began = performance.now();
await sleep(Number(seconds) * 1000);
const ms = performance.now() - began;
const { user, system } = process.cpuUsage(connecting);
end.abort();
await Promise.all(runs);
access.close();
console.log(
  JSON.stringify({
    share: (user + system) / 1000 / ms,
    connectingMs: (connecting.user + connecting.system) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    ...told,
  }),
);

/**
 * A part of the command as it is installed. The modules of dist/ would load the whole library of the Kubernetes client,
 * of which the command carries what it needs.
 */
async function partOfCommand(/** @type {string} */ name) {
  const folder = new URL("../dist/bundle/", import.meta.url);
  const file = readdirSync(folder).find((one) => one.startsWith(`${name}-`) && one.endsWith(".js"));
  if (file === undefined) throw new Error(`the command has no part ${name}`);
  return import(new URL(file, folder).href);
}

/** Each step runs until the process ends, as helmfile does while helm waits. */
function untilTheEnd() {
  /** @type {import("../dist/core/rollout/backend.js").Backend} */
  const backend = {
    run: (_, { signal }) =>
      new Promise((resolve) => signal.addEventListener("abort", () => resolve({ ok: true }))),
    runCommand: () => Promise.resolve({ ok: true }),
    now: () => performance.now(),
    sleep: (ms, signal) => sleep(ms, signal),
  };
  return backend;
}

/** @returns {import("../dist/core/plan/plan.js").Step} */
function stepOf(/** @type {string} */ namespace) {
  const id = `${namespace}/main`;
  const service = { service: namespace, helmfile: `/srv/services/${namespace}/helmfile.yaml` };
  return {
    id,
    ...service,
    releases: [id],
    class: "other",
    action: "sync",
    args: [],
    after: [],
    stage: "rest",
  };
}

/** @returns {import("../dist/core/plan/plan.js").Plan} */
function planOf(/** @type {import("../dist/core/plan/plan.js").Step[]} */ steps) {
  const nothing = { stages: [], gates: [], excluded: [], unreadable: [] };
  return { version: 1, environment: "eqiad", mode: "restore", steps, ...nothing };
}

function kubeconfigsOf(/** @type {string} */ namespace) {
  return namespaces.filter((one) => one.namespace === namespace).map(({ kubeconfig }) => kubeconfig);
}

/**
 * Counts what a watch tells.
 *
 * @param {import("../dist/core/cluster/cluster-reader.js").ClusterReader} reader
 * @returns {import("../dist/core/cluster/cluster-reader.js").ClusterReader}
 */
function counted(reader) {
  return {
    ...reader,
    watch: (namespace, { pod, event, failed }, signal) =>
      reader.watch(
        namespace,
        {
          pod: (facts) => {
            unseen.delete(namespace);
            told.pods += 1;
            pod(facts);
          },
          event: (facts) => {
            told.events += 1;
            event(facts);
          },
          failed: (failure) => {
            told.failures += 1;
            failed(failure);
          },
        },
        signal,
      ),
  };
}

/** @returns {Promise<void>} */
function sleep(/** @type {number} */ ms, /** @type {AbortSignal | undefined} */ signal) {
  return setTimeout(ms, undefined, signal ? { signal } : {}).catch(() => {});
}
