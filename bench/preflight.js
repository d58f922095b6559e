// How long scap waits for a preflight of all of MediaWiki's namespaces, from the registry alone.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { fileURLToPath } from "node:url";
import { isProgram, milliseconds, ratioFinding, runAndPrint } from "./finding.js";
import {
  environment,
  fillNamespaces,
  kubeconfigOf,
  wayTo,
  withLoopbackCluster,
  writeRegistry,
} from "./loopback-cluster.js";
import { median, outputOf, ratio, takeTurns, timeProgram } from "./measure.js";

const rounds = 11;
const limits = { aboveNodeMs: 400, listOneByOne: 0.5, callsPerNamespace: 4 };

const namespaces = Array.from({ length: 15 }, (_, at) => `mw-${String(at + 1).padStart(2, "0")}`);
const program = fileURLToPath(new URL("../dist/bundle/charlie-mediawiki.js", import.meta.url));

/** @type {import("./finding.js").Benchmark} */
export function preflight() {
  return withLoopbackCluster(["helm"], async (cluster, folder) => {
    await fillNamespaces(cluster, { namespaces, podsEach: 10, revisions: 3 });
    const calls = await countCalls(cluster, folder);
    const registry = writeRegistry(folder, { namespaces, way: wayTo(cluster), token: cluster.token });
    checkAnswer(await outputOf(process.execPath, commandWith(registry)));
    return [...(await measure(registry, folder)), callsFinding(calls)];
  });
}

function commandWith(/** @type {string} */ registry) {
  return [program, "preflight", "-e", environment, "--registry", registry, "-o", "json"];
}

/** A preflight that refuses is fast, and no measure. */
function checkAnswer(/** @type {string} */ output) {
  const { ready, targets, couldNotCheck } = JSON.parse(output);
  const isWhole = targets.length === namespaces.length && couldNotCheck.length === 0;
  if (!ready || !isWhole) throw new Error(`the preflight did not answer that all is ready: ${output}`);
}

async function measure(/** @type {string} */ registry, /** @type {string} */ folder) {
  const times = await takeTurns(rounds, {
    bare: () => timeProgram(process.execPath, ["-e", "0"]),
    command: () => timeProgram(process.execPath, commandWith(registry)),
    lists: async () => {
      let sum = 0;
      for (const namespace of namespaces) {
        const args = ["list", "-n", namespace, "--kubeconfig", kubeconfigOf(namespace, folder)];
        sum += await timeProgram("helm", args);
      }
      return sum;
    },
  });
  const { bare = [], command = [], lists = [] } = times;
  const what = `preflight of ${namespaces.length} namespaces`;
  const above = command.map((ms, round) => ms - (bare[round] ?? Number.NaN));
  return [
    {
      what,
      measured: milliseconds(median(command)),
      compared: `node -e 0 (${milliseconds(median(bare))})`,
      value: `+${milliseconds(median(above))} (${milliseconds(Math.min(...above))} to ${milliseconds(Math.max(...above))})`,
      limit: `+${milliseconds(limits.aboveNodeMs)}`,
      met: median(above) <= limits.aboveNodeMs,
    },
    ratioFinding({
      what,
      measured: median(command),
      compared: `helm list for each, one after the other (${milliseconds(median(lists))})`,
      ratio: ratio(command, lists),
      limit: limits.listOneByOne,
    }),
  ];
}

/**
 * What one preflight asks, seen by a server that stands between.
 *
 * @param {import("./loopback-cluster.js").Cluster} cluster
 * @param {string} folder
 * @returns {Promise<Map<string, number>>} by namespace; what is about none is under ""
 */
async function countCalls(cluster, folder) {
  /** @type {Map<string, number>} */
  const calls = new Map();
  const agent = new Agent({ keepAlive: true, ca: readFileSync(wayTo(cluster)["certificate-authority"]) });
  const between = createServer(({ method, url = "", headers }, answer) => {
    const namespace = /\/namespaces\/([^/?]+)/.exec(url)?.[1] ?? "";
    calls.set(namespace, (calls.get(namespace) ?? 0) + 1);
    const { host: _, ...given } = headers;
    const onward = httpsRequest(new URL(url, cluster.server), { agent, method, headers: given }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    onward.on("error", (error) => answer.destroy(error));
    onward.end();
  });
  await new Promise((resolve) => between.listen(0, "127.0.0.1", () => resolve(undefined)));
  try {
    const { port } = /** @type {import("node:net").AddressInfo} */ (between.address());
    const way = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    const registry = writeRegistry(folder, { namespaces, way, token: cluster.token });
    checkAnswer(await outputOf(process.execPath, commandWith(registry)));
    return calls;
  } finally {
    between.closeAllConnections();
    between.close();
    agent.destroy();
  }
}

/** @returns {import("./finding.js").Finding} */
function callsFinding(/** @type {Map<string, number>} */ calls) {
  const all = [...calls.values()].reduce((sum, count) => sum + count, 0);
  const most = Math.max(...calls.values());
  return {
    what: "calls to the API server for each namespace",
    measured: `${all} in all`,
    compared: "",
    value: `${most} at most`,
    limit: `${limits.callsPerNamespace}`,
    met: most <= limits.callsPerNamespace,
  };
}

if (isProgram(import.meta.url)) await runAndPrint({ Preflight: preflight });
