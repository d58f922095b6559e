import { appendTo } from "../common/grouped-by.ts";
import type { Tree } from "../common/release.ts";
import type { Plan, Step } from "../plan/plan.ts";

/** How long a step took in an earlier run, as that run's journal has it. Only of steps that succeeded. */
export interface MeasuredStep {
  readonly id: string;
  readonly releases: readonly string[];
  /** An upgrade that finds nothing to change says nothing about an installation. */
  readonly action: Step["action"];
  readonly durationMs: number;
  /** When it ended, on any clock: a greater one is newer. */
  readonly at: number;
}

/** How long a step will probably take, and how that is known. */
export interface ExpectedDuration {
  readonly ms: number;
  /**
   * `step`: the same step was measured. `releases`: each of its releases was, in other steps. `chart`: for some of
   * them only others of the same chart were. `constant`: for some of them nothing was.
   */
  readonly from: "step" | "releases" | "chart" | "constant";
}

/** Expected durations by step id. */
export type Durations = ReadonlyMap<string, ExpectedDuration>;

/** What a release is taken to need when nothing is known about it. */
export const unknownReleaseMs = 30_000;

/** So many of the newest measures count: clusters change. */
const newest = 5;

/**
 * How long each step of the plan will probably take: the median of its newest runs, else by what is known of its
 * releases, else of their charts.
 *
 * Within one process helmfile (1.7) deploys releases of the same chart one after the other, and different charts
 * side by side. So a step takes as long as its slowest chart, and of the time that a step with many releases took,
 * each release gets the part that it would have if all were alike.
 *
 * @param known of the same environment; the order does not matter
 * @param charts the chart of each release, by its id; without one, a release counts as the only one of its chart
 *
 * @example
 * const durations = estimateDurations(plan, measured, chartsOf(tree));
 */
export function estimateDurations(
  plan: Plan,
  known: readonly MeasuredStep[],
  charts: ReadonlyMap<string, string> = new Map(),
): Durations {
  const chartOf = (release: string) => charts.get(release) ?? release;
  const measures = collectMeasures(known, chartOf);
  return new Map(plan.steps.map((step) => [step.id, estimateStep(step, measures, chartOf)]));
}

/** The chart of each release of a tree, by its id. */
export function chartsOf({ services }: Tree): ReadonlyMap<string, string> {
  return new Map(services.flatMap(({ releases }) => releases.map(({ id, chart }) => [id, chart] as const)));
}

interface Measures {
  readonly steps: ReadonlyMap<string, number>;
  readonly releases: ReadonlyMap<string, number>;
  readonly charts: ReadonlyMap<string, number>;
}

function collectMeasures(known: readonly MeasuredStep[], chartOf: (release: string) => string): Measures {
  const steps = new Map<string, number[]>();
  const releases = new Map<string, number[]>();
  for (const measured of known.toSorted((left, right) => right.at - left.at)) {
    keepNewest(steps, stepKey(measured), measured.durationMs);
    const inTurn = Math.max(1, ...countBy(measured.releases, chartOf).values());
    for (const release of measured.releases) {
      keepNewest(releases, releaseKey(release, measured.action), measured.durationMs / inTurn);
    }
  }
  const releaseMs = medians(releases);
  const ofCharts = new Map<string, number[]>();
  const counted = new Set<string>();
  for (const { releases: ids, action } of known) {
    for (const release of ids) {
      const key = releaseKey(release, action);
      const ms = releaseMs.get(key);
      if (ms === undefined || counted.has(key)) continue;
      counted.add(key);
      appendTo(ofCharts, releaseKey(chartOf(release), action), ms);
    }
  }
  return { steps: medians(steps), releases: releaseMs, charts: medians(ofCharts) };
}

function estimateStep(
  step: Step,
  { steps, releases, charts }: Measures,
  chartOf: (release: string) => string,
): ExpectedDuration {
  const own = steps.get(stepKey(step));
  if (own !== undefined) return { ms: own, from: "step" };
  if (step.releases.length === 0) return { ms: unknownReleaseMs, from: "constant" };
  let from: ExpectedDuration["from"] = "releases";
  const inTurn = new Map<string, number>();
  for (const release of step.releases) {
    const chart = chartOf(release);
    let ms = releases.get(releaseKey(release, step.action));
    if (ms === undefined) {
      ms = charts.get(releaseKey(chart, step.action));
      if (ms === undefined) from = "constant";
      else if (from === "releases") from = "chart";
    }
    inTurn.set(chart, (inTurn.get(chart) ?? 0) + (ms ?? unknownReleaseMs));
  }
  return { ms: Math.max(...inTurn.values()), from };
}

/** A step that lists other releases than it did then is another step. */
function stepKey({ id, releases, action }: Pick<MeasuredStep, "id" | "releases" | "action">): string {
  return [action, id, ...releases.toSorted()].join(" ");
}

function releaseKey(release: string, action: Step["action"]): string {
  return `${action} ${release}`;
}

function countBy(items: readonly string[], keyOf: (item: string) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  return counts;
}

function keepNewest(values: Map<string, number[]>, key: string, value: number): void {
  if ((values.get(key)?.length ?? 0) < newest) appendTo(values, key, value);
}

function medians(values: ReadonlyMap<string, readonly number[]>): Map<string, number> {
  return new Map([...values].map(([key, all]) => [key, median(all)]));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
  return (lower + upper) / 2;
}
