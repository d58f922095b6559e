import { describe, expect, it } from "vitest";
import { criticalPath } from "../../src/core/rollout/expected-critical-path.ts";
import { longestWays, scheduleGraph } from "../../src/core/rollout/schedule-graph.ts";
import { type ScheduleOptions, simulateSchedule } from "../../src/core/rollout/schedule-simulation.ts";
import { plan, step } from "../support/plan.ts";
import { durationsOf } from "../support/random-plan.ts";

// a(5) ─┬─ b(10) ─── d(1)
//       └─ c(2) ──┘        e(3)
const diamond = plan([step("a"), step("b", ["a"]), step("c", ["a"]), step("d", ["b", "c"]), step("e")]);
const known = durationsOf([
  ["a", 5],
  ["b", 10],
  ["c", 2],
  ["d", 1],
  ["e", 3],
]);

/** `id start-end`, in the order in which the steps begin. */
function times(what: typeof diamond, durations: typeof known, options: ScheduleOptions): string[] {
  const { steps } = simulateSchedule(what, durations, options);
  return [...steps].map(([id, { startMs, endMs }]) => `${id} ${startMs}-${endMs}`);
}

describe("the way that is still ahead", () => {
  it("of a step is its own time and the longest of those that wait for it", () => {
    expect([...longestWays(scheduleGraph(diamond, known))]).toEqual([16, 11, 3, 1, 3]);
    expect(criticalPath(diamond, known)).toEqual({ steps: ["a", "b", "d"], ms: 16 });
  });

  it("leads through gates, which take their time to open", () => {
    const held = step("held", ["fast"], { gates: ["ready"] });
    const gated = plan([step("fast"), step("slow"), held], {
      gates: [{ id: "ready", stage: "rest", steps: ["fast"] }],
    });
    const durations = durationsOf([
      ["fast", 1],
      ["slow", 9],
      ["held", 4],
    ]);
    expect(criticalPath(gated, durations)).toEqual({ steps: ["slow"], ms: 9 });
    expect(criticalPath(gated, durations, { gateMs: 5 })).toEqual({ steps: ["fast", "held"], ms: 10 });
    expect(times(gated, durations, { jobs: 2, gateMs: 5 })).toEqual(["fast 0-1", "slow 0-9", "held 6-10"]);
  });

  it("may be as long as the plan", () => {
    const chain = Array.from({ length: 20_000 }, (_, at) => step(`${at}`, at === 0 ? [] : [`${at - 1}`]));
    const durations = durationsOf(chain.map(({ id }) => [id, 2]));
    expect(criticalPath(plan(chain), durations).ms).toBe(40_000);
    expect(simulateSchedule(plan(chain), durations, { jobs: 3 }).makespanMs).toBe(40_000);
  });

  it("is nothing in a plan without steps", () => {
    expect(criticalPath(plan([]), known)).toEqual({ steps: [], ms: 0 });
    expect(simulateSchedule(plan([]), known, { jobs: 1 }).makespanMs).toBe(0);
  });
});

describe("the longest way through a plan", () => {
  const equal = plan([step("a"), step("b"), step("c", ["a"]), step("d", ["a"])]);
  const same = durationsOf(equal.steps.map(({ id }) => [id, 1]));

  it("is that which the plan names first, where several are as long", () => {
    expect(criticalPath(equal, same)).toEqual({ steps: ["a", "c"], ms: 2 });
    const reversed = { ...equal, steps: [step("a"), step("b"), step("d", ["a"]), step("c", ["a"])] };
    expect(criticalPath(reversed, same)).toEqual({ steps: ["a", "d"], ms: 2 });
  });

  it("is found in a plan with more ways than anyone could try", () => {
    const at = (layer: number) => ["x", "y", "z"].map((name) => `${name}${layer}`);
    const layers = Array.from({ length: 60 }, (_, layer) =>
      at(layer).map((id) => step(id, layer === 0 ? [] : at(layer - 1))),
    ).flat();
    expect(criticalPath(plan(layers), durationsOf(layers.map(({ id }) => [id, 1]))).ms).toBe(60);
  });
});

describe("of the steps that may run", () => {
  it("the one with the longest way ahead is taken first, then the plan's order", () => {
    const steps = plan(["short", "other", "long"].map((id) => step(id)));
    const durations = durationsOf([
      ["short", 1],
      ["other", 1],
      ["long", 2],
    ]);
    expect(times(steps, durations, { jobs: 1 })).toEqual(["long 0-2", "short 2-3", "other 3-4"]);
    expect(times(steps, durations, { jobs: 1, expected: undefined })).toEqual([
      "short 0-1",
      "other 1-2",
      "long 2-4",
    ]);
  });

  it("those of an earlier stage go first, and in a stage those that --priority names", () => {
    const steps = plan([
      step("early", [], { stage: "early" }),
      step("late", [], { stage: "late" }),
      step("wanted", [], { stage: "late" }),
    ]);
    const durations = durationsOf([
      ["early", 1],
      ["late", 3],
      ["wanted", 2],
    ]);
    expect(times(steps, durations, { jobs: 1 })).toEqual(["early 0-1", "late 1-4", "wanted 4-6"]);
    const priority = new Map([["wanted", 0]]);
    expect(times(steps, durations, { jobs: 1, priority })).toEqual(["early 0-1", "wanted 1-3", "late 3-6"]);
  });

  it("one whose way is as long as all that is left goes before earlier stages, but not before --priority", () => {
    const steps = plan([
      ...["one", "two", "three"].map((id) => step(id, [], { stage: "early" })),
      step("long", [], { stage: "late" }),
    ]);
    const durations = durationsOf([
      ["one", 2],
      ["two", 2],
      ["three", 2],
      ["long", 7],
    ]);
    // All of it takes two workers 6.5.
    expect(times(steps, durations, { jobs: 2 })).toEqual(["long 0-7", "one 0-2", "two 2-4", "three 4-6"]);
    // One worker takes as long in any order, though all but the long one were next to nothing.
    const little = new Map([...durations, ...durationsOf([["long", 1000]])]);
    const one = times(steps, little, { jobs: 1 });
    expect(one).toEqual(["one 0-2", "two 2-4", "three 4-6", "long 6-1006"]);
    // What the operator wants first is first all the same.
    const priority = new Map(["one", "two", "three"].map((service, at) => [service, at]));
    expect(times(steps, durations, { jobs: 2, priority })).toEqual([
      "one 0-2",
      "two 0-2",
      "three 2-4",
      "long 2-9",
    ]);
  });

  it("one whose namespace is full lets others pass, and is next where there is room", () => {
    const steps = plan([
      step("red-1", [], { releases: ["red/1"] }),
      step("red-2", [], { releases: ["red/2"] }),
      step("both", [], { releases: ["red/3", "blue/3"] }),
      step("blue", [], { releases: ["blue/1"] }),
      step("none-1", [], { releases: ["/1"] }),
      step("none-2", [], { releases: ["/2"] }),
    ]);
    const durations = durationsOf(steps.steps.map(({ id }) => [id, 2]));
    expect(times(steps, durations, { jobs: 9, jobsPerNamespace: 1 })).toEqual([
      "red-1 0-2",
      "blue 0-2",
      "none-1 0-2",
      "none-2 0-2",
      "red-2 2-4",
      "both 4-6",
    ]);
  });

  it("none of a later stage is taken before the earlier one has ended, where stages go in turn", () => {
    const steps = plan([step("a"), step("b"), step("z", [], { stage: "later" })]);
    const durations = durationsOf([
      ["a", 1],
      ["b", 3],
      ["z", 1],
    ]);
    expect(times(steps, durations, { jobs: 2 })).toEqual(["b 0-3", "a 0-1", "z 1-2"]);
    expect(times(steps, durations, { jobs: 2, stagesInTurn: true })).toEqual(["b 0-3", "a 0-1", "z 3-4"]);
  });
});

it("what is left of a run goes on from what runs and what has ended, failed or not", () => {
  const progress = {
    ended: new Set(["a", "c"]),
    running: new Map([
      ["b", 4],
      ["e", 100],
    ]),
    opened: new Set<string>(),
  };
  // e has outlived its expectation.
  expect(times(diamond, known, { jobs: 2, progress })).toEqual(["b -4-6", "e -100-0", "d 6-7"]);
});

it("what has ended or runs is no work that is left: a long way is urgent by what is to come", () => {
  const early = { stage: "early" };
  const steps = plan([
    step("ended", [], early),
    step("runs", [], early),
    ...["one", "two", "three"].map((id) => step(id, [], early)),
    step("long", [], { stage: "late" }),
  ]);
  const durations = durationsOf([
    ["ended", 1_000],
    ["runs", 20],
    ["one", 2],
    ["two", 2],
    ["three", 2],
    ["long", 7],
  ]);
  const progress = { ended: new Set(["ended"]), running: new Map([["runs", 1]]), opened: new Set<string>() };
  // 13 are left for two workers, of which one has something to do.
  expect(times(steps, durations, { jobs: 2, progress })).toEqual([
    "runs -1-19",
    "long 0-7",
    "one 7-9",
    "two 9-11",
    "three 11-13",
  ]);
});

it("a rollout without workers, or without room, is a mistake of the caller", () => {
  expect(() => simulateSchedule(diamond, known, { jobs: 0 })).toThrow(RangeError);
  expect(() => simulateSchedule(diamond, known, { jobs: 1, jobsPerNamespace: 0 })).toThrow(RangeError);
});
