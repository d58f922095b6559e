import fc from "fast-check";
import { expect, it } from "vitest";
import type { Plan, Step } from "../../src/core/plan/plan.ts";
import { criticalPath } from "../../src/core/rollout/expected-critical-path.ts";
import { isDone } from "../../src/core/rollout/outcome.ts";
import { RolloutState } from "../../src/core/rollout/rollout-state.ts";
import { simulateSchedule } from "../../src/core/rollout/schedule-simulation.ts";
import { randomRollouts } from "../support/random-plan.ts";
import { driveRollout } from "../support/virtual-rollout.ts";

const jobs = fc.integer({ min: 1, max: 5 });
const jobsPerNamespace = fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined });
const priority = fc
  .shuffledSubarray(["one", "two", "three"])
  .map((names) => new Map(names.map((name, at) => [name, at])));

/** What the order of a rollout may depend on. */
const settings = fc.record({ jobs, jobsPerNamespace, priority, isExpected: fc.boolean() });

function begin(plan: Plan, options: ConstructorParameters<typeof RolloutState>[1]) {
  const state = new RolloutState(plan, options);
  for (const { name } of plan.stages) state.admit(name);
  return state;
}

const inNamespace = (namespace: string) => (step: Step) =>
  step.releases.some((release) => release.startsWith(`${namespace}/`));

it("no step begins before what it waits for, and neither limit is ever passed", () => {
  fc.assert(
    fc.property(randomRollouts, settings, ({ plan, durations, fates }, { isExpected, ...limits }) => {
      const state = begin(plan, { ...limits, ...(isExpected ? { expected: durations } : {}) });
      for (const { missing, running } of driveRollout(state, { durations, fates, jobs: limits.jobs })) {
        expect(missing).toEqual([]);
        expect(running.length).toBeLessThanOrEqual(limits.jobs);
        for (const namespace of ["red", "green", "blue"]) {
          const there = running.filter(inNamespace(namespace)).length;
          expect(there).toBeLessThanOrEqual(limits.jobsPerNamespace ?? limits.jobs);
        }
      }
    }),
  );
});

it("the rollout ends; what depends on a failure does not run, and everything else does", () => {
  fc.assert(
    fc.property(randomRollouts, settings, ({ plan, durations, fates }, { isExpected, ...limits }) => {
      const state = begin(plan, { ...limits, ...(isExpected ? { expected: durations } : {}) });
      const begun = new Set(driveRollout(state, { durations, fates, jobs: limits.jobs }).map(({ id }) => id));
      const doomed = new Set<string>();
      for (const { id, after } of plan.steps) {
        const isBlocked = after.some((before) => doomed.has(before));
        if (isBlocked || fates.get(id) === "fails") doomed.add(id);
        expect(begun.has(id)).toBe(!isBlocked);
        expect(state.outcome(id)?.kind === "blocked").toBe(isBlocked);
        expect(isDone(state.outcome(id))).toBe(!doomed.has(id));
      }
      expect(state.running).toBe(0);
      expect(state.hasReadyStep()).toBe(false);
    }),
  );
});

it("all that failed can be tried again, with all that it blocked, and nothing else", () => {
  fc.assert(
    fc.property(randomRollouts, settings, ({ plan, durations, fates }, { isExpected, ...limits }) => {
      const state = begin(plan, { ...limits, ...(isExpected ? { expected: durations } : {}) });
      driveRollout(state, { durations, fates, jobs: limits.jobs });
      const left = plan.steps.filter(({ id }) => !isDone(state.outcome(id))).map(({ id }) => id);
      const { revived, gates } = state.revive(left);
      expect(revived).toBe(left.length > 0);
      const again = driveRollout(state, { durations, jobs: limits.jobs, gates });
      expect(again.map(({ id }) => id).toSorted()).toEqual(left.toSorted());
      expect(again.flatMap(({ missing }) => missing)).toEqual([]);
      expect(plan.steps.filter(({ id }) => !isDone(state.outcome(id)))).toEqual([]);
    }),
  );
});

it("steps begin at the very moments that the schedule foretold", () => {
  const gateMs = fc.integer({ min: 0, max: 5 });
  fc.assert(
    fc.property(
      randomRollouts,
      settings,
      gateMs,
      ({ plan, durations }, { isExpected, ...limits }, settle) => {
        const options = { ...limits, gateMs: settle, expected: isExpected ? durations : new Map() };
        const begun = driveRollout(begin(plan, options), { durations, jobs: limits.jobs, gateMs: settle });
        const { steps } = simulateSchedule(plan, durations, options);
        expect(begun.map(({ id, at }) => [id, at])).toEqual(
          [...steps].map(([id, { startMs }]) => [id, startMs]),
        );
      },
    ),
  );
});

it("with known durations the rollout takes at most 2 - 1/jobs times as long as any could (Graham)", () => {
  fc.assert(
    fc.property(randomRollouts, jobs, priority, ({ plan, durations }, workers, first) => {
      const { ms: longest } = criticalPath(plan, durations);
      const work = [...durations.values()].reduce((sum, { ms }) => sum + ms, 0);
      const { makespanMs } = simulateSchedule(plan, durations, { jobs: workers, priority: first });
      expect(makespanMs).toBeGreaterThanOrEqual(Math.max(longest, work / workers) - 1e-6);
      expect(makespanMs).toBeLessThanOrEqual(work / workers + (1 - 1 / workers) * longest + 1e-6);
    }),
  );
});

it("what is left of a schedule at any moment is its own rest", () => {
  fc.assert(
    fc.property(
      randomRollouts,
      settings,
      fc.nat({ max: 100 }),
      fc.boolean(),
      (rollout, settled, percent, stagesInTurn) => {
        const { plan, durations } = rollout;
        const { isExpected, ...limits } = settled;
        const options = { ...limits, stagesInTurn, expected: isExpected ? durations : new Map() };
        const whole = simulateSchedule(plan, durations, options);
        const now = Math.floor((whole.makespanMs * percent) / 100);
        const begun = [...whole.steps].filter(([, { startMs }]) => startMs < now);
        const ended = new Set(begun.filter(([, { endMs }]) => endMs <= now).map(([id]) => id));
        const running = new Map(
          begun.filter(([id]) => !ended.has(id)).map(([id, { startMs }]) => [id, now - startMs]),
        );
        const opened = new Set(
          plan.gates.filter((gate) => gate.steps.every((id) => ended.has(id))).map(({ id }) => id),
        );
        const stages = new Set(
          plan.steps.filter(({ id }) => ended.has(id) || running.has(id)).map(({ stage }) => stage),
        );
        const progress = { ended, running, opened, stages };
        const rest = simulateSchedule(plan, durations, { ...options, progress });
        expect(rest.makespanMs).toBe(whole.makespanMs - now);
        const expected = [...whole.steps].filter(([id]) => !ended.has(id));
        expect(new Map(rest.steps)).toEqual(
          new Map(
            expected.map(([id, { startMs, endMs }]) => [id, { startMs: startMs - now, endMs: endMs - now }]),
          ),
        );
      },
    ),
  );
});
