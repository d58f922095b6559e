import { expect, it } from "vitest";
import { releaseId } from "../../src/core/common/release.ts";
import { comesBeforeIn } from "../../src/core/plan/comes-before.ts";
import { plan, step } from "../support/plan.ts";
import { release, tree } from "../support/tree.ts";

// a ── b ── c(one needs two needs three)     d
const before = comesBeforeIn(
  plan([
    step("a"),
    step("b", ["a"]),
    step("c", ["b"], { releases: ["c/one", "c/two", "c/three", "c/four"] }),
    step("d"),
  ]),
  tree([
    release("c/one", { needs: [releaseId("c", "two")] }),
    release("c/two", { needs: [releaseId("c", "three")] }),
    release("c/three"),
    release("c/four"),
    release("a/main", { needs: [releaseId("d", "main")] }),
  ]),
);

it.each([
  ["a/main", "b/main", true],
  ["a/main", "c/three", true],
  ["b/main", "a/main", false],
  ["a/main", "d/main", false],
  // helmfile keeps needs within a step only.
  ["d/main", "a/main", false],
  ["c/three", "c/one", true],
  ["c/one", "c/three", false],
  ["c/four", "c/one", false],
  ["a/main", "x/main", undefined],
  ["x/main", "a/main", undefined],
])("%s is deployed before %s: %s", (first, then, answer) => {
  expect(before(first, then)).toBe(answer);
});
