import { expect, it } from "vitest";
import type { Gate, Plan, Stage, Step } from "../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import type { Forecast } from "../../src/core/rollout/time-left.ts";
import { type TimeLeftOptions, timeLeftSink } from "../../src/io/time-left-sink.ts";
import { plan, step } from "../support/plan.ts";
import { durationsOf } from "../support/random-plan.ts";

const minute = 60_000;
const succeeded: StepOutcome = { kind: "succeeded", durationMs: 1 };

/** The sink of a rollout of steps that take a number of minutes each, with a clock that the test sets. */
function watch(
  what: Plan,
  minutes: Record<string, number>,
  {
    forecast,
    ...overrides
  }: Partial<Omit<TimeLeftOptions, "forecast">> & { forecast?: Partial<Forecast> } = {},
) {
  const told: string[] = [];
  let now = 0;
  const durations = durationsOf(Object.entries(minutes).map(([id, some]) => [id, some * minute]));
  const { on } = timeLeftSink({
    plan: what,
    forecast: { durations, runs: 3, schedule: { jobs: 1 }, ...forecast },
    settled: new Map(),
    now: () => now,
    tell: (line) => told.push(line),
    ...overrides,
  });
  const find = <Item extends Step | Stage | Gate>(items: readonly Item[], name: string): Item => {
    const found = items.find((item) => ("id" in item ? item.id : item.name) === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  };
  return {
    told,
    on,
    at: (minutes: number) => {
      now = minutes * minute;
    },
    start: (id: string, attempt = 1) => on({ type: "step-started", step: find(what.steps, id), attempt }),
    end: (id: string, outcome = succeeded) =>
      on({ type: "step-finished", step: find(what.steps, id), outcome }),
    stage: (name: string, what_: "stage-started" | "stage-finished" = "stage-finished") =>
      on({ type: what_, stage: find(what.stages, name) }),
  };
}

const row = plan(["a", "b", "c", "d"].map((id) => step(id)));
const tens = { a: 10, b: 10, c: 10, d: 10 };

it("it is told when a step ends, but not again within a minute, and not when all has ended", () => {
  const { told, at, start, end } = watch(row, tens);
  start("a");
  at(0.9);
  end("a");
  expect(told).toEqual([]);
  start("b");
  at(4.9);
  end("b");
  start("c");
  at(5.8);
  end("c");
  expect(told).toEqual(["2 of 4 steps ended, about 20 min left (by the durations of 3 earlier runs)"]);
  start("d");
  at(60);
  end("d");
  expect(told).toHaveLength(1);
});

it("it is told whenever a stage ends, once where several do", () => {
  const staged = plan([
    step("a", [], { stage: "one" }),
    step("b", ["a"], { stage: "two" }),
    step("c", [], { stage: "three" }),
  ]);
  const { told, start, end, stage } = watch(staged, { a: 90, b: 1, c: 0.3 });
  start("a");
  end("a", { kind: "failed", durationMs: 1, failure: { kind: "exit", exitCode: 1, lastLines: [] } });
  end("b", { kind: "blocked", on: ["a"], reason: "a failed" });
  stage("one");
  stage("two");
  expect(told).toEqual(["2 of 3 steps ended, less than a minute left (by the durations of 3 earlier runs)"]);
});

it("what runs counts with the rest of its time, and for that only while it is within what was expected", () => {
  const { told, at, start, end } = watch(row, { ...tens, c: 100 }, { forecast: { schedule: { jobs: 3 } } });
  for (const id of ["a", "b", "c"]) start(id);
  at(7);
  end("a");
  start("d");
  expect(told).toEqual(["1 of 4 steps ended, about 1 h 33 min left (by the durations of 3 earlier runs)"]);
  at(120);
  end("b");
  end("d");
  expect(told.slice(1)).toEqual([
    "2 of 4 steps ended, and what runs takes longer than expected (by the durations of 3 earlier runs)",
  ]);
});

it("a stage that has begun goes on, and the next waits for its last step, where somebody is asked between them", () => {
  const staged = plan([...["a", "b", "c"].map((id) => step(id)), step("d", [], { stage: "later" })]);
  const { told, at, start, end, stage } = watch(staged, tens, {
    forecast: { schedule: { jobs: 2, stagesInTurn: true } },
  });
  stage("rest", "stage-started");
  start("a");
  start("b");
  at(5);
  end("a");
  // c begins at once and ends at 15, and only then d.
  expect(told).toEqual(["1 of 4 steps ended, about 20 min left (by the durations of 3 earlier runs)"]);
});

it("what an earlier run has done, or the operator left out, counts as ended from the beginning", () => {
  const settled = new Map([["a", succeeded] as const, ["b", succeeded] as const]);
  const { told, at, start, end, stage } = watch(row, tens, { settled });
  end("a");
  stage("rest");
  start("c");
  at(10);
  end("c");
  expect(told).toEqual(["3 of 4 steps ended, about 10 min left (by the durations of 3 earlier runs)"]);
});

it("what is tried again is still to come, and so is what it blocked", () => {
  const chain = plan([step("a"), step("b", ["a"]), step("c", ["b"]), step("d")]);
  const { told, at, start, end } = watch(chain, tens);
  const blocked: StepOutcome = { kind: "blocked", on: ["a"], reason: "a failed" };
  start("a");
  end("a", { kind: "failed", durationMs: 1, failure: { kind: "exit", exitCode: 1, lastLines: [] } });
  end("b", blocked);
  end("c", blocked);
  start("a", 2);
  at(10);
  end("a");
  expect(told).toEqual(["1 of 4 steps ended, about 30 min left (by the durations of 3 earlier runs)"]);
});

it("says how many of the steps that are left are guessed", () => {
  const durations = new Map(
    row.steps.map(({ id }) => [id, { ms: minute, from: id === "d" ? "step" : "constant" } as const]),
  );
  const { told, at, start, end } = watch(row, {}, { forecast: { durations, runs: 1 } });
  start("a");
  at(1);
  end("a");
  expect(told).toEqual([
    "1 of 4 steps ended, about 3 min left (by the durations of 1 earlier run; 2 steps guessed)",
  ]);
});

it("names no earlier runs where none of them measured what is left", () => {
  const durations = new Map(row.steps.map(({ id }) => [id, { ms: minute, from: "constant" } as const]));
  const { told, at, start, end } = watch(row, {}, { forecast: { durations, runs: 2 } });
  start("a");
  at(1);
  end("a");
  expect(told).toEqual(["1 of 4 steps ended, about 3 min left (a guess)"]);
});

it("is silent once nothing more is begun", () => {
  const { told, at, on, start, end, stage } = watch(row, tens);
  start("a");
  const stopping: RolloutEvent = { type: "rollout-stopping", reason: "interrupted", running: [] };
  on(stopping);
  at(10);
  end("b", { kind: "cancelled", reason: "interrupted" });
  end("a");
  stage("rest");
  expect(told).toEqual([]);
});
