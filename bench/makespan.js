// How long a rollout takes by the order in which its steps are taken, in virtual time.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { assemblePlan } from "../dist/core/plan/assemble-plan.js";
import { parseRegistry } from "../dist/core/registry/registry-parse.js";
import { estimateDurations } from "../dist/core/rollout/durations.js";
import { simulateSchedule } from "../dist/core/rollout/schedule-simulation.js";
import { parseInventory } from "../dist/core/tree/inventory.js";
import { modelOf } from "../dist/simulation/chart-model.js";
import { draw } from "../dist/simulation/draw.js";
import { wikimediaModel } from "../dist/simulation/wikimedia-model.js";
import { isProgram, runAndPrint } from "./finding.js";
import { layersOf, listSchedule, lowerBound, scheduleInLayers, scheduleProblem } from "./makespan-orders.js";
import { median } from "./measure.js";
import { mulberry32, randomCluster } from "./random-cluster.js";

/** @import { Plan } from "../dist/core/plan/plan.js" */
/** @import { Tree } from "../dist/core/common/release.js" */
/** @import { Registry } from "../dist/core/registry/registry.js" */

const workers = [2, 4, 8, 16, 32];
const randomOrders = 1000;
/** Times what can be reached. */
const limit = 1.03;
/** The start of a helmfile, in milliseconds. */
const processMs = 300;
/** Each draw has other durations; each random cluster has one. */
const draws = { eqiad: 20, random: 5 };

/** @typedef {{ plan: Plan, tree: Tree, seed: number }} Draw */

/** @type {import("./finding.js").Benchmark} */
export async function makespan() {
  const { tree, registry } = realEqiad();
  const eqiad = (/** @type {boolean} */ withMediawiki) => {
    const plan = planOf({ tree, registry }, withMediawiki);
    return Array.from({ length: draws.eqiad }, (_, seed) => ({ plan, tree, seed }));
  };
  const random = Array.from({ length: draws.random }, (_, seed) => {
    const cluster = randomCluster({ releases: 1000, namespaces: 200 }, seed + 1);
    const parsed = { tree: cluster.tree, registry: registryOf("registry.yaml", cluster.registry) };
    return { plan: planOf(parsed, true), tree: cluster.tree, seed };
  });
  const clusters = { eqiad: eqiad(false), "eqiad with MediaWiki": eqiad(true), "1,000 releases": random };
  return {
    findings: Object.entries(clusters).flatMap(([name, all]) =>
      workers.flatMap((jobs) =>
        findingsOf(
          `${name}, ${jobs} workers`,
          all.map((one) => measure(one, jobs)),
        ),
      ),
    ),
  };
}

/** Milliseconds by order, and what no order can beat. */
function measure(/** @type {Draw} */ { plan, tree, seed }, /** @type {number} */ jobs) {
  const durations = realDurations(plan, tree, seed);
  const charts = new Map(
    tree.services.flatMap((service) => service.releases.map(({ id, chart }) => [id, chart])),
  );
  const problem = scheduleProblem(plan, durations);
  const random = randomSchedules(problem, jobs, seed);
  const stages = plan.steps.map((step) => plan.stages.findIndex((stage) => stage.name === step.stage));
  const expected = estimateDurations(plan, [], charts);
  return {
    ...lowerBound(problem, jobs),
    known: simulateSchedule(plan, durations, { jobs }).makespanMs,
    "known, without priorities": simulateSchedule(withoutStages(plan), durations, { jobs }).makespanMs,
    unknown: simulateSchedule(plan, durations, { jobs, expected }).makespanMs,
    "charlie's serial loop": problem.ms.reduce((sum, ms) => sum + ms, 0),
    "unordered pool": median(random),
    "best random order": Math.min(...random),
    "stage barriers": scheduleInLayers(problem, jobs, stages),
    "helmfile's layers": scheduleInLayers(problem, jobs, layersOf(problem)),
  };
}

function findingsOf(/** @type {string} */ what, /** @type {ReturnType<typeof measure>[]} */ all) {
  /** @typedef {keyof ReturnType<typeof measure>} Name */
  const row = (/** @type {Name} */ name) => ({
    what: `${what}: ${name}`,
    measured: minutes(median(all.map((one) => one[name]))),
    value: times(median(all.map((one) => one[name] / one.bound))),
    ...{ compared: "", limit: "", met: true },
  });
  const toReachable = all.map(({ known, reachable }) => known / reachable);
  const toMedian = all.map((one) => one.unknown / one["unordered pool"]);
  const above = (/** @type {number[]} */ ratios, /** @type {number} */ most) =>
    `worst ${times(Math.max(...ratios))}, ${ratios.filter((ratio) => ratio > most).length} of ${ratios.length} above`;
  return [
    {
      ...row("known"),
      compared: `${times(median(toReachable))} of what can be reached, ${above(toReachable, limit)}`,
      limit: times(limit),
      met: median(toReachable) <= limit,
    },
    {
      ...row("unknown"),
      compared: `${times(median(toMedian))} of the median of ${randomOrders} random orders, ${above(toMedian, 1)}`,
      limit: times(1),
      met: median(toMedian) <= 1,
    },
    row("known, without priorities"),
    { ...row("reachable"), what: `${what}: no order is below` },
    .../** @type {const} */ (["best random order", "unordered pool", "helmfile's layers"]).map(row),
    .../** @type {const} */ (["stage barriers", "charlie's serial loop"]).map(row),
  ];
}

/** The same steps and edges, and none of them preferred. @returns {Plan} */
function withoutStages(/** @type {Plan} */ plan) {
  const steps = plan.steps.map((step) => ({ ...step, stage: "all" }));
  return { ...plan, steps, stages: [{ name: "all", gate: "none", steps: steps.map(({ id }) => id) }] };
}

/** Steps that may run are taken in a random order, which is drawn anew each time. @returns {number[]} */
function randomSchedules(
  /** @type {import("./makespan-orders.js").Problem} */ problem,
  /** @type {number} */ jobs,
  /** @type {number} */ seed,
) {
  const random = mulberry32(1 + seed);
  return Array.from({ length: randomOrders }, () =>
    listSchedule(problem, jobs, Float64Array.from(problem.ms, random)),
  );
}

/**
 * What each step takes on the simulated cluster if nothing fails: helmfile deploys releases of one chart one after
 * the other, and different charts side by side.
 */
function realDurations(/** @type {Plan} */ plan, /** @type {Tree} */ tree, /** @type {number} */ seed) {
  const releases = new Map(
    tree.services.flatMap((service) => service.releases.map((release) => [String(release.id), release])),
  );
  return new Map(
    plan.steps.map((step) => {
      /** @type {Map<string, number>} */
      const charts = new Map();
      for (const id of step.releases) {
        const release = releases.get(id);
        if (!release) throw new Error(`${id} is not in the tree`);
        charts.set(release.chart, (charts.get(release.chart) ?? 0) + releaseMs(release, seed));
      }
      return [
        step.id,
        { ms: processMs + Math.max(0, ...charts.values()), from: /** @type {const} */ ("step") },
      ];
    }),
  );
}

/** helm, and then the slowest pod; helm does not wait for jobs. */
function releaseMs(
  /** @type {import("../dist/core/common/release.js").Release} */ release,
  /** @type {number} */ seed,
) {
  const model = modelOf(wikimediaModel, release);
  const drawn = (
    /** @type {import("../dist/simulation/draw.js").Range} */ range,
    /** @type {string} */ what,
  ) => draw(range, `${seed}|${release.id}|${what}`);
  const pods = model.kind === "Job" ? [] : [...Array(model.pods).keys()];
  const ready = pods.map(
    (pod) => drawn(model.startDelayMs, `start ${pod}`) + drawn(model.readyMs, `ready ${pod}`),
  );
  return drawn(model.helmMs, "helm") + Math.max(0, ...ready);
}

function realEqiad() {
  const text = (/** @type {string} */ relative) =>
    readFileSync(fileURLToPath(new URL(relative, import.meta.url)), "utf8");
  const inventory = parseInventory({
    file: "eqiad",
    text: text("../fixtures/inventories/services-eqiad.json"),
  });
  if (!inventory.ok) throw new Error(`the inventory has faults: ${inventory.failure[0]?.message}`);
  return { tree: inventory.value, registry: registryOf("registry.yaml", text("../registry.yaml")) };
}

/** A restore of all that can be read. @returns {Plan} */
function planOf(
  /** @type {{ tree: Tree, registry: Registry }} */ { tree, registry },
  /** @type {boolean} */ withMediawiki,
) {
  const exclude = tree.unreadable.map(({ service }) => service);
  const { plan, diagnostics } = assemblePlan(tree, registry, {
    ...{ mode: "restore", servicesDir: "/srv/services", withMediawiki, selection: { exclude } },
  });
  if (plan) return plan;
  throw new Error(`there is no plan: ${diagnostics[0]?.message}`);
}

function registryOf(/** @type {string} */ file, /** @type {string} */ text) {
  const parsed = parseRegistry({ file, text });
  if (parsed.ok) return parsed.value;
  throw new Error(`the registry has faults: ${parsed.failure[0]?.message}`);
}

function minutes(/** @type {number} */ ms) {
  return `${(ms / 60_000).toFixed(1)} min`;
}

function times(/** @type {number} */ ratio) {
  return `${ratio.toFixed(3)}x`;
}

if (isProgram(import.meta.url)) await runAndPrint({ Makespan: makespan });
