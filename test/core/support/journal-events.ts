import fc from "fast-check";
import type { Plan, Stage } from "../../../src/core/plan/plan.ts";
import type { RolloutEvent } from "../../../src/core/rollout/events.ts";
import type { StepFailure, StepOutcome } from "../../../src/core/rollout/outcome.ts";
import { plan, step } from "../../support/plan.ts";

const steps = ["a", "b", "c"].map((id) => step(id));
const gate = { id: "gate-rest", stage: "rest", steps: ["a"] };

/** Three steps, a gate and a command. */
export const smallPlan: Plan = plan(steps, {
  gates: [gate],
  stages: [
    { name: "rest", gate: "wait" },
    { name: "hand-off", gate: "none", run: ["scap", "sync-world"], steps: [] },
  ],
});

const [rest, handOff] = smallPlan.stages as [Stage, Stage];

/** Text with everything that a line of JSON has to escape. */
const words = fc.string({ unit: "binary", maxLength: 20 });
const durationMs = fc.nat();
const whatFailed: fc.Arbitrary<StepFailure> = fc.oneof(
  fc.record({ kind: fc.constant("exit" as const), exitCode: fc.nat(255), lastLines: fc.array(words) }),
  fc.record({ kind: fc.constant("signal" as const), signal: words, lastLines: fc.array(words) }),
  fc.record({ kind: fc.constantFrom("spawn" as const, "other" as const), message: words }),
);
const whyNotAgain = fc.record({ evidence: fc.array(words), notTriedAgain: words }, { requiredKeys: [] });
const failure = fc.tuple(whatFailed, whyNotAgain).map(([what, why]): StepFailure => ({ ...what, ...why }));

const outcomes: fc.Arbitrary<StepOutcome> = fc.oneof(
  fc.record({ kind: fc.constant("succeeded" as const), durationMs }),
  fc.record({ kind: fc.constant("failed" as const), durationMs, failure }),
  fc.record({ kind: fc.constant("blocked" as const), on: fc.array(words), reason: words }),
  fc.record({ kind: fc.constant("skipped" as const), reason: words }),
  fc.record({ kind: fc.constant("cancelled" as const), reason: words }),
);

const aStep = fc.constantFrom(...steps);
const aStage = fc.constantFrom(rest, handOff);
const evidence = fc.record({ kind: fc.constant("crashed" as const), subject: words, message: words });

/** Any event, whether it could come then or not. */
export const anyEvent: fc.Arbitrary<RolloutEvent> = fc.oneof(
  fc.record({
    type: fc.constant("step-started" as const),
    step: aStep,
    attempt: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ type: fc.constant("step-finished" as const), step: aStep, outcome: outcomes }),
  fc.record({
    type: fc.constant("step-retrying" as const),
    step: aStep,
    failure,
    reason: words,
    afterMs: durationMs,
  }),
  fc.record({ type: fc.constant("step-printed" as const), step: aStep, line: words }),
  fc.record({ type: fc.constant("step-noticed" as const), step: aStep, evidence }),
  fc.record({ type: fc.constantFrom("stage-started" as const, "stage-finished" as const), stage: aStage }),
  fc.record({
    type: fc.constantFrom("gate-waiting" as const, "gate-opened" as const, "gate-stayed-shut" as const),
    gate: fc.constant(gate),
    reason: words,
  }),
  fc.record({ type: fc.constant("command-allowed" as const), stage: fc.constant(handOff), reason: words }),
  fc.record({
    type: fc.constant("command-started" as const),
    stage: fc.constant(handOff),
    command: fc.array(words),
  }),
  fc.record({ type: fc.constant("command-printed" as const), stage: fc.constant(handOff), line: words }),
  fc.record({
    type: fc.constant("command-finished" as const),
    stage: fc.constant(handOff),
    outcome: outcomes,
  }),
  fc.record({ type: fc.constant("rollout-stopping" as const), reason: words, running: fc.subarray(steps) }),
  fc.record({
    type: fc.constant("rollout-finished" as const),
    result: fc.record({
      outcomes: fc.constant(new Map<string, StepOutcome>()),
      commands: fc.constant(new Map<string, StepOutcome>()),
      durationMs,
    }),
  }),
);
