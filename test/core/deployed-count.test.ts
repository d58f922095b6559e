import { expect, it } from "vitest";
import { countDeployed } from "../../src/core/rollout/deployed-count.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { doneIn, noChange, notChosen } from "../../src/core/rollout/outcome-reasons.ts";
import { renderTimeLeft } from "../../src/core/rollout/time-left.ts";

const steps = ["a", "b", "c", "d"].map((id) => ({ id, releases: [`${id}/one`, `${id}/two`] }));
const succeeded: StepOutcome = { kind: "succeeded", durationMs: 1 };
const skipped = (reason: string): StepOutcome => ({ kind: "skipped", reason });

it.each<[Record<string, StepOutcome>, string]>([
  [{}, "0 of 8 releases"],
  [{ a: succeeded, b: { kind: "blocked", on: ["x"], reason: "x failed" } }, "2 of 8 releases"],
  [{ a: succeeded, b: skipped(doneIn("run-1")) }, "4 of 8 releases (2 earlier)"],
  [{ a: succeeded, b: skipped(noChange) }, "4 of 8 releases (2 unchanged)"],
  [
    { a: skipped(noChange), b: skipped(doneIn("run-1")), c: succeeded },
    "6 of 8 releases (2 earlier, 2 unchanged)",
  ],
  // Nobody knows whether it is there.
  [{ a: skipped(notChosen) }, "0 of 8 releases"],
])("what is there is counted by releases: %j", (outcomes, words) => {
  expect(countDeployed(steps, new Map(Object.entries(outcomes)))).toBe(words);
});

it.each([
  [0, "and what runs takes longer than expected"],
  [1, "less than a minute left"],
  [29_999, "less than a minute left"],
  [30_000, "about 1 min left"],
  [59.4 * 60_000, "about 59 min left"],
  [59.6 * 60_000, "about 1 h 0 min left"],
  [135 * 60_000, "about 2 h 15 min left"],
])("the time that is left is told as exact as it is known: %i ms", (ms, words) => {
  expect(renderTimeLeft(ms)).toBe(words);
});
