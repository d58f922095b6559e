import { expect, it } from "vitest";
import {
  chartsOf,
  estimateDurations,
  type MeasuredStep,
  unknownReleaseMs,
} from "../../src/core/rollout/durations.ts";
import { plan, step } from "../support/plan.ts";
import { release, tree } from "../support/tree.ts";

let clock = 0;

/** Each is newer than the one before. */
function measured(
  id: string,
  durationMs: number,
  overrides: Partial<Pick<MeasuredStep, "releases" | "action">> = {},
): MeasuredStep {
  clock += 1;
  return { id, releases: [`${id}/main`], action: "sync", durationMs, at: clock, ...overrides };
}

function estimate(
  steps: Parameters<typeof plan>[0],
  known: MeasuredStep[],
  charts: Record<string, string> = {},
) {
  return Object.fromEntries(estimateDurations(plan(steps), known, new Map(Object.entries(charts))));
}

it("a step takes the median of its five newest runs, in whatever order they are told", () => {
  const known = [900, 900, 900, 50, 10, 30, 20, 40].map((ms) => measured("a", ms));
  expect(estimate([step("a")], known.toReversed())).toEqual({ a: { ms: 30, from: "step" } });
  expect(estimate([step("a")], known.slice(-2))).toEqual({ a: { ms: 30, from: "step" } });
});

it("what was measured of an upgrade says nothing about an installation", () => {
  const known = [measured("a", 2, { action: "apply" })];
  expect(estimate([step("a")], known)).toEqual({ a: { ms: unknownReleaseMs, from: "constant" } });
  expect(estimate([step("a", [], { action: "apply" })], known)).toEqual({ a: { ms: 2, from: "step" } });
});

it("a step of releases that others deployed takes as long as its slowest chart, in which one follows the other", () => {
  const known = [
    measured("one", 10, { releases: ["ns/one"] }),
    measured("two", 20, { releases: ["ns/two"] }),
    measured("other", 25, { releases: ["ns/other"] }),
  ];
  const whole = step("whole", [], { releases: ["ns/one", "ns/two", "ns/other"] });
  const charts = { "ns/one": "web", "ns/two": "web", "ns/other": "cache" };
  expect(estimate([whole], known, charts)).toEqual({ whole: { ms: 30, from: "releases" } });
  // Of a chart that is not known, each counts as the only one.
  expect(estimate([whole], known)).toEqual({ whole: { ms: 25, from: "releases" } });
});

it("of what a step took with many releases, each has the part that it would have if all were alike", () => {
  const known = [measured("whole", 30, { releases: ["ns/one", "ns/two", "ns/other"] })];
  const charts = { "ns/one": "web", "ns/two": "web", "ns/other": "cache" };
  const split = ["ns/one", "ns/other"].map((id) => step(id, [], { releases: [id] }));
  expect(estimate(split, known, charts)).toEqual({
    "ns/one": { ms: 15, from: "releases" },
    "ns/other": { ms: 15, from: "releases" },
  });
});

it("a release that was never seen takes what others of its chart take, and without one a constant", () => {
  const charts = { "a/main": "web", "b/main": "web", "c/main": "web", "new/main": "web", "new/job": "job" };
  const known = [measured("a", 10), measured("b", 12), measured("c", 90), measured("c", 90)];
  const fresh = step("new", [], { releases: ["new/main"] });
  expect(estimate([fresh], known, charts)).toEqual({ new: { ms: 12, from: "chart" } });
  const more = step("new", [], { releases: ["new/job", "new/main"] });
  expect(estimate([more], known, charts)).toEqual({ new: { ms: unknownReleaseMs, from: "constant" } });
});

it("a step that has other releases now is another step", () => {
  const known = [measured("a", 10, { releases: ["a/main", "a/old"] })];
  expect(estimate([step("a")], known)).toEqual({ a: { ms: 10, from: "releases" } });
});

it("the charts of a tree are those of all its releases, by their ids", () => {
  const releases = [
    release("b/r", { chart: "one" }),
    release("a/r", { chart: "two" }),
    release("a/s", { chart: "one", installed: false }),
  ];
  expect(Object.fromEntries(chartsOf(tree(releases)))).toEqual({ "a/r": "two", "a/s": "one", "b/r": "one" });
});
