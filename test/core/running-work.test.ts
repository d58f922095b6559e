import { describe, expect, it } from "vitest";
import type { Gate, Stage } from "../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { ObservedProgress } from "../../src/core/rollout/observed-progress.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { interruptedWhileItRan } from "../../src/core/rollout/outcome-reasons.ts";
import { RunningWork } from "../../src/core/rollout/running-work.ts";
import { step } from "../support/plan.ts";

const stage: Stage = { name: "hand-off", gate: "none", steps: [], run: ["scap"] };
const gate: Gate = { id: "support", stage: "support", steps: ["a"] };
const [a, b, c] = [step("a"), step("b"), step("c")];
const succeeded: StepOutcome = { kind: "succeeded", durationMs: 1 };
const failure = { kind: "exit", exitCode: 1, lastLines: [] } as const;
const failed: StepOutcome = { kind: "failed", durationMs: 1, failure };
const cutOff: StepOutcome = { kind: "cancelled", reason: interruptedWhileItRan };

type Begun = typeof a;
const started = (one: Begun): RolloutEvent => ({ type: "step-started", step: one, attempt: 1 });
const finished = (one: Begun, outcome: StepOutcome): RolloutEvent => ({
  ...{ type: "step-finished", step: one, outcome },
});
const retrying = (one: Begun): RolloutEvent => ({
  ...{ type: "step-retrying", step: one, failure, reason: "out of reach", afterMs: 1_000 },
});
const commandStarted: RolloutEvent = { type: "command-started", stage, command: ["scap"] };
const commandFinished = (outcome: StepOutcome): RolloutEvent => ({
  type: "command-finished",
  stage,
  outcome,
});

describe("what runs", () => {
  const workAfter = (...events: RolloutEvent[]) => {
    const work = new RunningWork();
    for (const event of events) work.on(event);
    return work;
  };

  it("is what was begun and has not ended, commands of stages behind steps", () => {
    const work = workAfter(commandStarted, started(a), started(b), started(c), finished(b, succeeded));
    expect(work.ids).toEqual(["a", "c", "hand-off"]);
    expect(work.steps).toEqual([a, c]);
    expect(work.commands).toEqual([stage]);
  });

  it("is nothing of a step that is about to be tried again, or of a command that has ended", () => {
    expect(workAfter(started(a), retrying(a)).ids).toEqual([]);
    expect(workAfter(started(a), retrying(a), started(a)).ids).toEqual(["a"]);
    expect(workAfter(commandStarted, commandFinished(succeeded)).ids).toEqual([]);
  });

  it("is not told by other events", () => {
    const work = workAfter(
      { type: "step-printed", step: a, line: "x" },
      { type: "gate-opened", gate, reason: "x" },
      { type: "stage-started", stage },
    );
    expect(work.ids).toEqual([]);
  });

  it("was cut off only where the interruption ended it while it ran", () => {
    const work = workAfter(
      ...[a, b, c].map(started),
      commandStarted,
      finished(a, cutOff),
      finished(b, { kind: "cancelled", reason: "not begun" }),
      finished(c, failed),
      commandFinished(cutOff),
    );
    expect(work.cutOff).toEqual({ steps: [a], commands: [stage] });
    expect(work.ids).toEqual([]);
    expect(workAfter(commandStarted, commandFinished(failed)).cutOff.commands).toEqual([]);
  });
});

describe("where a rollout stands", () => {
  const progress = new ObservedProgress(new Map([["z", succeeded]]));
  const told = (now: number, ...events: RolloutEvent[]) => {
    for (const event of events) progress.on(event, now);
    const { ended, running, opened, stages } = progress.at(now + 5);
    return {
      ended: [...ended],
      running: Object.fromEntries(running),
      opened: [...opened],
      stages: [...(stages ?? [])],
    };
  };

  it("is told by what has ended, what runs since when, and the gates and stages that are open", () => {
    expect(told(10, { type: "stage-started", stage }, started(a), started(b))).toEqual({
      ended: ["z"],
      running: { a: 5, b: 5 },
      opened: [],
      stages: ["hand-off"],
    });
    const gone = { type: "gate-stayed-shut", gate: { ...gate, id: "other" }, reason: "x" } as const;
    expect(told(20, retrying(a), { type: "gate-opened", gate, reason: "x" }, gone)).toEqual({
      ended: ["z"],
      running: { b: 15 },
      opened: ["support"],
      stages: ["hand-off"],
    });
    const blocked = { kind: "blocked", on: ["a"], reason: "a failed" } as const;
    expect(
      told(30, started(a), finished(b, succeeded), finished(a, failed), finished(c, blocked)),
    ).toMatchObject({ ended: ["z", "b", "a", "c"], running: {} });
    expect(progress.ended).toBe(4);
    // Tried again after it had ended: what it blocked is still to come.
    expect(told(40, started(a))).toMatchObject({ ended: ["z", "b"], running: { a: 5 } });
    expect(told(50, started(a), finished(a, succeeded), finished(b, failed))).toMatchObject({
      ended: ["z", "a", "b"],
    });
    expect(progress.outcomes.get("b")).toBe(failed);
  });

  it("never says that a step has run for less than nothing, though the clock was set back", () => {
    const observed = new ObservedProgress();
    observed.on(started(a), 100);
    expect(observed.at(40).running).toEqual(new Map([["a", 0]]));
  });
});
