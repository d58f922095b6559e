import { describe, expect, it } from "vitest";
import { RolloutState } from "../../src/core/rollout/rollout-state.ts";
import { plan, step } from "../support/plan.ts";
import { durationsOf } from "../support/random-plan.ts";

const succeeded = { kind: "succeeded", durationMs: 1 } as const;
const failed = {
  kind: "failed",
  durationMs: 1,
  failure: { kind: "exit", exitCode: 1, lastLines: [] },
} as const;

describe("what is urgent", () => {
  // first(1) ── work(8)     one(4)     two(4)     last(5), a stage later
  const steps = plan([
    step("first", [], { stage: "early" }),
    step("work", ["first"], { stage: "early" }),
    step("one", [], { stage: "early" }),
    step("two", [], { stage: "early" }),
    step("last", [], { stage: "late" }),
  ]);
  const expected = durationsOf([
    ["first", 1],
    ["work", 8],
    ["one", 4],
    ["two", 4],
    ["last", 5],
  ]);

  function begin() {
    const state = new RolloutState(steps, { expected, jobs: 2 });
    state.admit("early");
    state.admit("late");
    expect(state.take()?.id).toBe("first");
    return state;
  }

  it("depends on what is left: work that is blocked is left no more", () => {
    const state = begin();
    state.finish("first", failed);
    // 13 are left for two workers, and 9 once the first of them has begun.
    expect(state.take()?.id).toBe("one");
    expect(state.take()?.id).toBe("last");
    expect(state.take()?.id).toBe("two");
  });

  it("and work that gets another chance is left again", () => {
    const state = begin();
    state.finish("first", failed);
    expect(state.revive(["first"]).revived).toBe(true);
    // 22 are left; after two more steps there are still 17, and the last one has time.
    expect(state.take()?.id).toBe("first");
    expect(state.take()?.id).toBe("one");
    expect(state.take()?.id).toBe("two");
    expect(state.take()?.id).toBe("last");
  });
});

describe("the room of a namespace", () => {
  const steps = plan(["a", "b", "c"].map((id) => step(id, [], { releases: [`shared/${id}`] })));

  function begin() {
    const state = new RolloutState(steps, { jobsPerNamespace: 1 });
    state.admit("rest");
    expect(state.take()?.id).toBe("a");
    expect(state.take()).toBeUndefined();
    expect(state.hasReadyStep()).toBe(true);
    return state;
  }

  it("is free while a failure waits for an answer, and whoever is tried again waits for it", () => {
    const state = begin();
    const running = () => state.runningSteps().map(({ id }) => id);
    expect(running()).toEqual(["a"]);
    state.suspend("a");
    expect(running()).toEqual([]);
    expect(state.take()?.id).toBe("b");
    state.resume("a");
    expect(state.take()).toBeUndefined();
    state.finish("b", succeeded);
    expect(state.take()?.id).toBe("a");
  });

  it("goes to the next one where the first that waits for it was cancelled", () => {
    const state = begin();
    state.finish("b", { kind: "cancelled", reason: "not wanted" });
    state.finish("a", succeeded);
    expect(state.take()?.id).toBe("c");
    state.finish("c", succeeded);
    expect(state.take()).toBeUndefined();
    expect(state.hasReadyStep()).toBe(false);
  });
});

it("a gate that stayed shut although all of its steps succeeded is judged anew when what it holds is revived", () => {
  const gate = { id: "ready", stage: "rest", steps: ["a"] };
  const state = new RolloutState(
    plan([step("a"), step("b", ["a"], { gates: ["ready"] })], { gates: [gate] }),
  );
  state.admit("rest");
  state.take();
  expect(state.finish("a", succeeded).gates).toEqual([gate]);
  state.shut("ready", "nothing is there");
  expect(state.outcome("b")?.kind).toBe("blocked");
  expect(state.revive(["b"])).toEqual({ revived: true, gates: [gate] });
  expect(state.take()).toBeUndefined();
  state.open("ready");
  expect(state.take()?.id).toBe("b");
});

it("a stage that is refused blocks what has not begun, and stays so whatever is tried again", () => {
  const state = new RolloutState(plan([step("a"), step("b"), step("z", [], { stage: "later" })]));
  expect(state.waitingStages().map(({ name }) => name)).toEqual(["rest", "later"]);
  state.admit("rest");
  expect(state.take()?.id).toBe("a");
  state.refuse("rest", "not now");
  expect(state.revive(["b"]).revived).toBe(false);
  expect(state.take()).toBeUndefined();
  expect(state.hasReadyStep()).toBe(false);
  expect(state.waitingStages().map(({ name }) => name)).toEqual(["later"]);
  expect(state.finish("a", succeeded).stages.map(({ name }) => name)).toEqual(["rest"]);
});

describe("a gate", () => {
  // a ── [ready] ── b ── c
  const gate = { id: "ready", stage: "rest", steps: ["a"] };
  const steps = plan([step("a"), step("b", ["a"], { gates: ["ready"] }), step("c", ["b"])], {
    gates: [gate],
  });

  function begin() {
    const state = new RolloutState(steps);
    state.admit("rest");
    expect(state.take()?.id).toBe("a");
    return state;
  }

  it("is judged once its steps have ended, and again each time one of them is tried again", () => {
    const state = begin();
    expect(state.finish("a", failed).gates).toEqual([gate]);
    expect(state.shut("ready", "a failed").finished.map((one) => one.step.id)).toEqual(["b", "c"]);
    expect(state.outcome("c")).toEqual({ kind: "blocked", on: ["a"], reason: "a failed" });
    // Nothing is to be judged before the step has ended again.
    expect(state.revive(["c"])).toEqual({ revived: true, gates: [] });
    expect([...state.outcomes()]).toEqual([]);
    expect(state.take()?.id).toBe("a");
    expect(state.finish("a", succeeded).gates).toEqual([gate]);
    expect(state.isOpen("ready")).toBe(false);
    expect(state.take()).toBeUndefined();
    state.open("ready");
    expect(state.isOpen("ready")).toBe(true);
    expect(state.take()?.id).toBe("b");
  });

  it("that was shut before its steps have ended is judged when they have, if what it holds is revived", () => {
    const state = begin();
    expect(state.shut("ready", "not wanted").finished).toEqual([
      {
        step: expect.objectContaining({ id: "b" }),
        outcome: { kind: "blocked", on: ["a"], reason: "not wanted" },
      },
      {
        step: expect.objectContaining({ id: "c" }),
        outcome: { kind: "blocked", on: ["a"], reason: "not wanted" },
      },
    ]);
    expect(state.revive(["b"])).toEqual({ revived: true, gates: [] });
    expect(state.finish("a", succeeded).gates).toEqual([gate]);
    state.open("ready");
    expect(state.take()?.id).toBe("b");
  });

  it("lets go what it holds when it opens after all, as another gate had its steps tried again", () => {
    // a ─┬─ [ready] ── b ─┬─ c
    //    ├────────────────┘
    //    └─ [other] ── d
    const other = { ...gate, id: "other" };
    const state = new RolloutState(
      plan(
        [
          step("a"),
          step("b", ["a"], { gates: ["ready"] }),
          step("c", ["a", "b"]),
          step("d", ["a"], { gates: ["other"] }),
        ],
        { gates: [gate, other] },
      ),
    );
    state.admit("rest");
    state.take();
    state.finish("a", failed);
    state.shut("ready", "a failed");
    expect(state.revive(["a"]).revived).toBe(true);
    expect([...state.outcomes()]).toEqual([]);
    expect(state.take()?.id).toBe("a");
    expect(state.finish("a", succeeded).gates).toEqual([gate, other]);
    state.open("ready");
    state.open("other");
    expect([state.take()?.id, state.take()?.id]).toEqual(["b", "d"]);
    state.finish("b", succeeded);
    expect(state.take()?.id).toBe("c");
  });

  it("that stays shut for no step that failed blocks on nothing, and what waits behind it on what it holds", () => {
    const state = begin();
    state.finish("a", succeeded);
    state.shut("ready", "nothing is there");
    expect(state.outcome("b")).toEqual({ kind: "blocked", on: [], reason: "nothing is there" });
    expect(state.outcome("c")).toEqual({ kind: "blocked", on: ["b"], reason: "nothing is there" });
  });

  it("that the operator opened although a step failed stays open when the step is tried again", () => {
    const state = begin();
    state.finish("a", failed);
    state.open("ready");
    expect(state.revive(["a"])).toEqual({ revived: true, gates: [] });
    expect(state.isOpen("ready")).toBe(true);
    expect([state.take()?.id, state.take()?.id].toSorted()).toEqual(["a", "b"]);
    expect(state.finish("a", succeeded).gates).toEqual([]);
  });

  it("that is in no plan never opens", () => {
    const state = new RolloutState(plan([step("a"), step("b", ["a"], { gates: ["other"] })]));
    state.admit("rest");
    expect(state.take()?.id).toBe("a");
    state.finish("a", succeeded);
    state.open("other");
    expect(state.isOpen("other")).toBe(false);
    expect(state.take()).toBeUndefined();
  });
});

describe("what has an outcome", () => {
  it("keeps it, whatever is told of it later", () => {
    const state = new RolloutState(plan([step("a"), step("b", ["a"])]));
    state.admit("rest");
    state.take();
    state.finish("a", succeeded);
    expect(state.finish("a", failed)).toEqual({ finished: [], gates: [], stages: [] });
    expect(state.outcome("a")).toEqual(succeeded);
    expect(state.take()?.id).toBe("b");
    expect(state.running).toBe(1);
  });

  it("is not given another chance where it was cancelled, only where it was blocked", () => {
    const state = new RolloutState(plan([step("a"), step("b", ["a"]), step("c", ["a"])]));
    state.admit("rest");
    state.take();
    state.finish("b", { kind: "cancelled", reason: "not wanted" });
    state.finish("a", failed);
    expect(state.outcome("c")).toEqual({ kind: "blocked", on: ["a"], reason: "a failed" });
    expect(state.revive(["a"]).revived).toBe(true);
    expect(state.outcomes()).toEqual(new Map([["b", { kind: "cancelled", reason: "not wanted" }]]));
  });
});

describe("a stage", () => {
  it("has ended when the last of its steps has", () => {
    const state = new RolloutState(plan([step("a"), step("b")]));
    const ended = (id: string) => state.finish(id, succeeded).stages.map(({ name }) => name);
    expect([ended("a"), ended("b")]).toEqual([[], ["rest"]]);
  });

  it("that is refused blocks its steps on nothing but itself, and what waits for them on them", () => {
    const state = new RolloutState(plan([step("a"), step("b", ["a"], { stage: "later" })]));
    const { finished, stages } = state.refuse("rest", "not now");
    expect(finished.map(({ step: { id }, outcome }) => [id, outcome])).toEqual([
      ["a", { kind: "blocked", on: [], reason: "not now" }],
      ["b", { kind: "blocked", on: ["a"], reason: "not now" }],
    ]);
    expect(stages.map(({ name }) => name)).toEqual(["rest", "later"]);
    expect(state.waitingStages()).toEqual([]);
  });

  it("waits to be admitted as long as a step of it could run, though others of it are blocked", () => {
    const state = new RolloutState(
      plan([step("a"), step("ready", [], { stage: "later" }), step("b", ["a"], { stage: "later" })]),
    );
    state.admit("rest");
    state.take();
    state.finish("a", failed);
    expect(state.waitingStages().map(({ name }) => name)).toEqual(["later"]);
    expect(state.hasReadyStep()).toBe(false);
    state.admit("later");
    expect(state.hasReadyStep()).toBe(true);
    expect(state.take()?.id).toBe("ready");
    expect(state.hasReadyStep()).toBe(false);
  });

  it("that there is not changes nothing", () => {
    const state = new RolloutState(plan([step("a")]));
    state.admit("other");
    expect(state.refuse("other", "no")).toEqual({ finished: [], gates: [], stages: [] });
    expect(state.waitingStages().map(({ name }) => name)).toEqual(["rest"]);
  });
});
