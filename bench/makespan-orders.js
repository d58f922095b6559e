// The orders that makespan.js compares with, and what no order can beat. Written apart from what is measured: no line of it is
// shared with src/.
import TinyQueue from "tinyqueue";

/**
 * Steps by number, in the plan's order, which keeps all edges.
 *
 * @typedef {object} Problem
 * @property {Float64Array} ms
 * @property {readonly (readonly number[])[]} before
 * @property {readonly (readonly number[])[]} next
 */

/**
 * @param {import("../dist/core/plan/plan.js").Plan} plan
 * @param {import("../dist/core/rollout/durations.js").Durations} durations
 * @returns {Problem}
 */
export function scheduleProblem({ steps }, durations) {
  const at = new Map(steps.map(({ id }, node) => [id, node]));
  const before = steps.map(({ after }) => after.map((id) => at.get(id) ?? Number.NaN));
  /** @type {number[][]} */
  const next = steps.map(() => []);
  before.forEach((nodes, node) => {
    for (const other of nodes) next[other]?.push(node);
  });
  return { ms: Float64Array.from(steps, ({ id }) => durations.get(id)?.ms ?? Number.NaN), before, next };
}

/**
 * A pool of workers that always takes, of the steps that may run, the one with the lowest rank.
 *
 * @param {Problem} problem
 * @param {number} jobs
 * @param {ArrayLike<number>} rank
 * @param {(node: number) => boolean} [belongs] the steps that are meant; the others count as done
 */
export function listSchedule({ ms, before, next }, jobs, rank, belongs = () => true) {
  const left = before.map((nodes) => nodes.filter(belongs).length);
  /** @type {TinyQueue<number>} */
  const ready = new TinyQueue([], (one, other) => (rank[one] ?? 0) - (rank[other] ?? 0));
  /** @type {TinyQueue<{ node: number, at: number }>} */
  const running = new TinyQueue([], (one, other) => one.at - other.at);
  left.forEach((count, node) => {
    if (count === 0 && belongs(node)) ready.push(node);
  });
  let now = 0;
  for (;;) {
    while (running.length < jobs && ready.length > 0) {
      const node = ready.pop() ?? 0;
      running.push({ node, at: now + (ms[node] ?? 0) });
    }
    const ended = running.pop();
    if (!ended) return now;
    now = ended.at;
    for (const dependent of next[ended.node] ?? []) {
      left[dependent] = (left[dependent] ?? 0) - 1;
      if (left[dependent] === 0 && belongs(dependent)) ready.push(dependent);
    }
  }
}

/**
 * One layer after the other, each waiting for the whole one before; within a layer in the plan's order.
 *
 * @param {Problem} problem
 * @param {number} jobs
 * @param {readonly number[]} layers the layer of each step
 */
export function scheduleInLayers(problem, jobs, layers) {
  const order = problem.ms.map((_, node) => node);
  let sum = 0;
  for (const layer of new Set(layers)) {
    sum += listSchedule(problem, jobs, order, (node) => layers[node] === layer);
  }
  return sum;
}

/** helmfile's layers: a step stands one layer behind the last that it waits for. @returns {number[]} */
export function layersOf(/** @type {Problem} */ { before }) {
  /** @type {number[]} */
  const layers = [];
  for (const nodes of before) layers.push(Math.max(0, ...nodes.map((node) => (layers[node] ?? 0) + 1)));
  return layers;
}

/**
 * What no order can beat. `bound` is the longer of the longest path and the work divided by the workers.
 * `reachable` also knows that work which cannot begin before a moment (a gate holds it) begins then, and that after the last
 * of some work its own followers still come: where it is greater, the bound cannot be reached.
 *
 * @param {Problem} problem
 * @param {number} jobs
 */
export function lowerBound({ ms, before, next }, jobs) {
  const heads = new Float64Array(ms.length);
  const tails = new Float64Array(ms.length);
  for (let node = 0; node < ms.length; node += 1) {
    for (const other of before[node] ?? []) {
      heads[node] = Math.max(heads[node] ?? 0, (heads[other] ?? 0) + (ms[other] ?? 0));
    }
  }
  for (let node = ms.length - 1; node >= 0; node -= 1) {
    for (const other of next[node] ?? []) {
      tails[node] = Math.max(tails[node] ?? 0, (tails[other] ?? 0) + (ms[other] ?? 0));
    }
  }
  const longest = Math.max(...ms.map((own, node) => own + (heads[node] ?? 0) + (tails[node] ?? 0)));
  const work = ms.reduce((sum, own) => sum + own, 0);
  const bound = Math.max(longest, work / jobs);
  return { bound, reachable: Math.max(bound, workBehind(ms, heads, jobs), workBehind(ms, tails, jobs)) };
}

/** The most that any moment gives: all work that lies behind it, on all workers, and the moment itself. */
function workBehind(
  /** @type {Float64Array} */ ms,
  /** @type {Float64Array} */ moments,
  /** @type {number} */ jobs,
) {
  const order = [...moments.keys()].sort((one, other) => (moments[other] ?? 0) - (moments[one] ?? 0));
  let work = 0;
  let most = 0;
  for (const node of order) {
    work += ms[node] ?? 0;
    most = Math.max(most, (moments[node] ?? 0) + work / jobs);
  }
  return most;
}
