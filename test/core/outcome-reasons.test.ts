import { expect, it } from "vitest";
import {
  doneIn,
  gateForced,
  gateSkipped,
  isDoneEarlier,
  noChange,
  notChosen,
  wasNotWaitedFor,
} from "../../src/core/rollout/outcome-reasons.ts";

it("what an earlier run has done is told from what was not done for another reason", () => {
  const run = "20260412T101500Z-eqiad-1f2e";
  expect(doneIn(run)).toBe(`done in ${run}`);
  expect(isDoneEarlier(doneIn(run))).toBe(true);
  for (const reason of [notChosen, noChange, "done in a hurry", `not ${doneIn(run)}`, "done in "])
    expect([reason, isDoneEarlier(reason)]).toEqual([reason, false]);
});

it("a gate that nobody waited for is told from one that opened by itself", () => {
  expect(gateSkipped("--no-gates")).toBe("skipped: --no-gates");
  expect(gateForced("the operator went on")).toBe("opened all the same: the operator went on");
  for (const reason of [gateSkipped("x"), gateForced("x")]) expect(wasNotWaitedFor(reason)).toBe(true);
  for (const reason of ["not skipped: x", "all is there", "skipped"])
    expect(wasNotWaitedFor(reason)).toBe(false);
});
