import { expect, it } from "vitest";
import { judgeGate } from "../../src/core/rollout/gate-verdict.ts";

it.each([
  [["a"], { a: "succeeded" }, true, "1 step succeeded"],
  [["a", "b"], { a: "succeeded", b: "skipped" }, true, "2 steps succeeded"],
  [[], {}, true, "0 steps succeeded"],
  [["a", "b"], { a: "succeeded" }, false, "b not ended"],
  [["a", "b", "c"], { a: "blocked", b: "failed", c: "failed" }, false, "b failed, c failed"],
  [["a", "b", "c"], { a: "blocked", b: "cancelled", c: "succeeded" }, false, "a blocked, b cancelled"],
])("of the steps %j that ended as %j the gate is open: %s, as %s", (steps, outcomes, open, reason) => {
  expect(judgeGate(steps, outcomes)).toEqual({ open, reason });
});
