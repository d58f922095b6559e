import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runStateOf } from "../../src/core/journal/run-state.ts";
import type { Stage } from "../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { notChosen } from "../../src/core/rollout/outcome-reasons.ts";
import { step } from "../support/plan.ts";
import { anyEvent, smallPlan } from "./support/journal-events.ts";
import { journalOf } from "./support/journal-text.ts";

const handOff = smallPlan.stages[1] as Stage;
const done: StepOutcome = { kind: "succeeded", durationMs: 1 };

function finished(id: string, outcome: StepOutcome = done): RolloutEvent {
  return { type: "step-finished", step: step(id), outcome };
}

const end: RolloutEvent = {
  type: "rollout-finished",
  result: { outcomes: new Map(), commands: new Map(), durationMs: 5 },
};
const allSteps = ["a", "b", "c"].map((id) => finished(id));
const command: RolloutEvent = { type: "command-finished", stage: handOff, outcome: done };

function stateOf(events: readonly RolloutEvent[]) {
  return runStateOf(journalOf(events, { plan: smallPlan }));
}

describe("the state of a run", () => {
  it("has for each step what was told of it last", () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 30 }), (events) => {
        const state = stateOf(events);
        for (const { id } of smallPlan.steps) {
          const own = events.filter((event) => "step" in event && event.step.id === id);
          const last = own.findLast(({ type }) => type === "step-started" || type === "step-finished");
          const begins = own.findLastIndex(({ type }) => type === "step-started");
          const stops = ["step-finished", "step-retrying"];
          expect(state.inFlight.includes(id)).toBe(
            begins >= 0 && !own.slice(begins).some(({ type }) => stops.includes(type)),
          );
          expect(state.outcomes.get(id)).toEqual(last?.type === "step-finished" ? last.outcome : undefined);
        }
        expect(state.ended).toBe(events.some(({ type }) => type === "rollout-finished"));
      }),
    );
  });

  it("is complete when the rollout has ended and all of it is done", () => {
    expect(stateOf([...allSteps, command, end]).complete).toBe(true);
    expect(
      stateOf([finished("a", { kind: "skipped", reason: "no change" }), ...allSteps.slice(1), command, end])
        .complete,
    ).toBe(true);
  });

  it("is complete where the operator did not choose the rest", () => {
    const left = finished("b", { kind: "cancelled", reason: notChosen });
    expect(stateOf([finished("a"), left, finished("c"), command, end]).complete).toBe(true);
  });

  it.each<[string, RolloutEvent[]]>([
    ["the rollout has not ended", [...allSteps, command]],
    ["a step is missing", [...allSteps.slice(1), command, end]],
    ["the command is missing", [...allSteps, end]],
    [
      "a step was cancelled",
      [...allSteps, finished("b", { kind: "cancelled", reason: "interrupted" }), command, end],
    ],
    [
      "a step was begun again",
      [...allSteps, { type: "step-started", step: step("b"), attempt: 2 }, command, end],
    ],
    [
      "the command failed",
      [...allSteps, { ...command, outcome: { kind: "blocked", on: [], reason: "x" } }, end],
    ],
  ])("is not complete where %s", (_, events) => {
    expect(stateOf(events).complete).toBe(false);
  });

  it("takes its times from a clock that never jumps", () => {
    expect(stateOf(allSteps)).toMatchObject({ elapsedMs: 4000, lastTime: "2026-10-05T11:00:04.000Z" });
    expect(stateOf([])).toMatchObject({ elapsedMs: 0, lastTime: "2026-10-05T11:00:00.000Z" });
  });
});
