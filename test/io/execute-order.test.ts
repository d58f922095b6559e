import fc from "fast-check";
import { expect, it } from "vitest";
import type { Plan, Step } from "../../src/core/plan/plan.ts";
import type { Backend } from "../../src/core/rollout/backend.ts";
import type { Durations } from "../../src/core/rollout/durations.ts";
import type { RolloutEvent } from "../../src/core/rollout/events.ts";
import { ObservedProgress } from "../../src/core/rollout/observed-progress.ts";
import { type ScheduleOptions, simulateSchedule } from "../../src/core/rollout/schedule-simulation.ts";
import { execute } from "../../src/io/execute.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import { exitOne, ObedientBackend } from "../support/obedient-backend.ts";
import { plan, step } from "../support/plan.ts";
import { durationsOf, type Fate, randomRollouts } from "../support/random-plan.ts";

/** Carries steps out in virtual time; each takes what is expected. */
function timedBackend(durations: Durations, fates: ReadonlyMap<string, Fate> = new Map()) {
  const { now, sleep } = virtualClock();
  const running = new Set<Step>();
  const backend: Backend = {
    now,
    sleep,
    runCommand: async () => ({ ok: true }),
    run: async (one) => {
      running.add(one);
      await sleep(durations.get(one.id)?.ms ?? 0);
      running.delete(one);
      return fates.get(one.id) === "fails" ? { ok: false, failure: exitOne } : { ok: true };
    },
  };
  return { backend, running };
}

const limits = fc.record({
  jobs: fc.integer({ min: 1, max: 5 }),
  jobsPerNamespace: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  priority: fc
    .shuffledSubarray(["one", "two", "three"])
    .map((names) => new Map(names.map((name, at) => [name, at]))),
});

it("no more steps run in a namespace than may, whatever fails, and each comes up", async () => {
  await fc.assert(
    fc.asyncProperty(
      randomRollouts,
      fc.integer({ min: 1, max: 3 }),
      async ({ plan: what, durations, fates }, jobsPerNamespace) => {
        const { backend, running } = timedBackend(durations, fates);
        const { outcomes } = await execute(what, {
          backend: {
            ...backend,
            run: (one, context) => {
              const ended = backend.run(one, context);
              for (const namespace of ["red", "green", "blue"]) {
                const there = [...running].filter(({ releases }) =>
                  releases.some((release) => release.startsWith(`${namespace}/`)),
                );
                expect(there.length).toBeLessThanOrEqual(jobsPerNamespace);
              }
              return ended;
            },
          },
          jobs: 9,
          order: { expected: durations, jobsPerNamespace },
        });
        expect(outcomes.size).toBe(what.steps.length);
      },
    ),
  );
});

/** What was foretold at each event: how long the rest takes, and when that was. */
async function foretell(
  what: Plan,
  durations: Durations,
  { jobs, fates, ...order }: ScheduleOptions & { fates?: ReadonlyMap<string, Fate> },
) {
  const { backend } = timedBackend(durations, fates);
  const progress = new ObservedProgress();
  const foretold: { at: number; leftMs: number }[] = [];
  const on = (event: RolloutEvent) => {
    progress.on(event, backend.now());
    if (event.type !== "step-finished" && event.type !== "stage-finished") return;
    const options = { ...order, jobs, progress: progress.at(backend.now()) };
    const { makespanMs } = simulateSchedule(what, durations, options);
    foretold.push({ at: backend.now(), leftMs: makespanMs });
  };
  const { durationMs } = await execute(what, { backend, jobs, on, order: { ...order, expected: durations } });
  return { foretold, durationMs };
}

it("the time left is never negative, and nothing when all has ended", async () => {
  await fc.assert(
    fc.asyncProperty(randomRollouts, limits, async ({ plan: what, durations, fates }, settings) => {
      const { foretold } = await foretell(what, durations, { ...settings, fates });
      for (const { leftMs } of foretold) expect(leftMs).toBeGreaterThanOrEqual(0);
      expect(foretold.at(-1)?.leftMs).toBe(0);
    }),
  );
});

it("the time left of a stage in which all goes as expected is what it turns out to be", async () => {
  await fc.assert(
    fc.asyncProperty(randomRollouts, limits, async ({ plan: drafted, durations }, settings) => {
      const steps = drafted.steps.map(({ gates: _, ...one }) => ({ ...one, stage: "only" }));
      // No two steps end at the same moment: which of them is told first would decide what is begun next.
      const apart = durationsOf(
        [...durations].map(([id, { ms }], at) => [id, ms + 1 + Math.sqrt(at + 2) / 1000]),
      );
      const { foretold, durationMs } = await foretell(plan(steps), apart, settings);
      for (const { at, leftMs } of foretold) expect(at + leftMs).toBeCloseTo(durationMs, 6);
    }),
  );
});

it("what --priority names goes first, however long the others take, and then the longest way", async () => {
  const steps = ["short", "longest", "long", "wanted", "second"].map((id) => step(id));
  const durations = durationsOf([
    ["short", 1],
    ["longest", 100],
    ["long", 50],
    ["wanted", 1],
    ["second", 90],
  ]);
  const priority = new Map([
    ["wanted", 0],
    ["second", 1],
  ]);
  for (const jobs of [1, 2]) {
    const backend = new ObedientBackend();
    const finished = execute(plan(steps), { backend, jobs, order: { expected: durations, priority } });
    const order = ["wanted", "second", "longest", "long", "short"];
    for (const [at, id] of order.entries()) {
      await backend.runs(...order.slice(at, at + jobs));
      backend.succeed(id);
    }
    await finished;
    expect(backend.begun).toEqual(order);
  }
});
