import { expect, it } from "vitest";
import { renderDiffCounts, renderStepDiff, type StepDiff } from "../../src/core/rollout/diff-result.ts";
import { step } from "../support/plan.ts";

const failure = { kind: "exit", exitCode: 1, lastLines: ["Error: no chart"] } as const;
const diffs: StepDiff[] = [
  { step: step("a"), kind: "changed", lines: ["- old", "+ new"] },
  { step: step("b"), kind: "unchanged", lines: [] },
  { step: step("c"), kind: "new", lines: ["not shown"] },
  { step: step("d"), kind: "failed", failure, lines: ["Error: no chart"] },
];

it("of each step its diff is shown, or in one line why there is none", () => {
  expect(diffs.map((diff) => renderStepDiff(diff, "eqiad")).join("\n")).toMatchInlineSnapshot(`
    "[a eqiad] a:
    - old
    + new
    [b eqiad] b: no change
    [c eqiad] c: not there yet, all of it is new
    [d eqiad] d: diff failed: exit code 1: Error: no chart
    Error: no chart"
  `);
});

it("the diffs are counted in one line; new ones only where there are any", () => {
  expect(renderDiffCounts(diffs)).toBe("4 steps: 1 new, 1 changed, 1 unchanged, 1 failed");
  expect(renderDiffCounts(diffs.slice(0, 1))).toBe("1 step: 1 changed, 0 unchanged, 0 failed");
});
