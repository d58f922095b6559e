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
    state.suspend("a");
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
