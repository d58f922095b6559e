import { expect, it } from "vitest";
import { ok } from "../../src/core/common/result.ts";
import { changedFiles } from "../../src/core/journal/changed-files.ts";
import { chainOf } from "../../src/core/journal/run-chain.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { plan, step } from "../support/plan.ts";
import { journalOf } from "./support/journal-text.ts";

type Kind = StepOutcome["kind"] | "in-flight";

/** What is found of one step that ended so, by the digest of its service's files then and now. */
async function found(kind: Kind, then: string | undefined, now: string | undefined) {
  const one = step("a/main", [], { service: "a" });
  const outcomes = {
    succeeded: { kind: "succeeded", durationMs: 1 },
    failed: { kind: "failed", durationMs: 1, failure: { kind: "spawn", message: "" } },
    blocked: { kind: "blocked", on: [], reason: "" },
    skipped: { kind: "skipped", reason: "no change" },
    cancelled: { kind: "cancelled", reason: "" },
  } as const satisfies Record<StepOutcome["kind"], StepOutcome>;
  const events: RolloutEvent[] = [
    { type: "step-started", step: one, attempt: 1 },
    ...(kind === "in-flight" ? [] : [{ type: "step-finished", step: one, outcome: outcomes[kind] } as const]),
  ];
  const content = journalOf(events, { plan: plan([one]), files: then === undefined ? {} : { a: then } });
  const chain = await chainOf("eqiad-20261005T110000Z-42", async () => ok(content));
  if (!chain.ok) throw new Error("it cannot be read");
  const digests = new Map(now === undefined ? [] : [["a", now]]);
  // One that the earlier run did not know is no matter.
  return changedFiles(plan([one, step("new")]), chain.value, digests);
}

it.each<[Kind, string | undefined, string | undefined, "changed" | "unknown" | "neither"]>([
  ["succeeded", "1", "2", "changed"],
  ["skipped", "1", "2", "changed"],
  ["in-flight", "1", "2", "changed"],
  ["failed", "1", "2", "neither"],
  ["blocked", "1", "2", "neither"],
  ["cancelled", "1", "2", "neither"],
  ["succeeded", "1", "1", "neither"],
  ["in-flight", "1", "1", "neither"],
  ["succeeded", undefined, "1", "unknown"],
  ["succeeded", "1", undefined, "unknown"],
  ["failed", "1", undefined, "neither"],
])("the files of a step that is %s, %s then and %s now, are told as %s", async (kind, then, now, told) => {
  expect(await found(kind, then, now)).toEqual({
    changed: told === "changed" ? ["a"] : [],
    unknown: told === "unknown" ? ["a"] : [],
  });
});
