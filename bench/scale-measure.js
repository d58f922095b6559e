// One measure of scale.js, in a process of its own, so that neither memory nor compiled code of another one counts.
// Arguments: the measure (`plan` or `roll-out`), the number of releases, the number of namespaces, the seed.
// Prints JSON: how long it took, in milliseconds, and the most memory that the process ever had, in bytes.
import { assemblePlan } from "../dist/core/plan/assemble-plan.js";
import { classify } from "../dist/core/registry/classify.js";
import { parseRegistry } from "../dist/core/registry/registry-parse.js";
import { execute } from "../dist/io/execute.js";
import { simulatedBackend } from "../dist/simulation/backend.js";
import { virtualClock } from "../dist/simulation/clock.js";
import { randomCluster } from "./random-cluster.js";

const [measure, releases, namespaces, seed] = process.argv.slice(2);
const jobs = 32;

const cluster = randomCluster({ releases: Number(releases), namespaces: Number(namespaces) }, Number(seed));
const { tree } = cluster;
const registry = parse(cluster.registry);

const answer = measure === "plan" ? measurePlan() : await measureRollOut();
console.log(JSON.stringify({ ...answer, peakBytes: process.resourceUsage().maxRSS * 1024 }));

/** Classifies for the operator's eyes and plans, which classifies again: what `list` and `plan` do together. */
function measurePlan() {
  const began = performance.now();
  const { releases } = classify(tree, registry);
  const plan = planRestore();
  return { ms: performance.now() - began, releases: releases.length, steps: plan.steps.length };
}

async function measureRollOut() {
  const plan = planRestore();
  let events = 0;
  const began = performance.now();
  const backend = simulatedBackend({ tree, clock: virtualClock(), seed });
  const { outcomes } = await execute(plan, {
    backend,
    jobs,
    on: () => {
      events += 1;
    },
  });
  const ms = performance.now() - began;
  const succeeded = [...outcomes.values()].filter(({ kind }) => kind === "succeeded").length;
  if (succeeded !== plan.steps.length || events < 2 * succeeded) {
    throw new Error(`${succeeded} of ${plan.steps.length} steps succeeded`);
  }
  return { ms, releases: backend.statuses().size, steps: succeeded };
}

function planRestore() {
  const options = /** @type {const} */ ({
    mode: "restore",
    servicesDir: "/srv/services",
    withMediawiki: true,
  });
  const { plan, diagnostics } = assemblePlan(tree, registry, options);
  if (plan) return plan;
  throw new Error(`there is no plan: ${diagnostics[0]?.message}`);
}

function parse(/** @type {string} */ text) {
  const parsed = parseRegistry({ file: "registry.yaml", text });
  if (parsed.ok) return parsed.value;
  throw new Error(`the registry has faults: ${parsed.failure[0]?.message}`);
}
