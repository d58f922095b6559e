import fc from "fast-check";
import { expect, it } from "vitest";
import type { Step } from "../../src/core/plan/plan.ts";
import type { RolloutEvent, RolloutResult } from "../../src/core/rollout/events.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { isDone } from "../../src/core/rollout/outcome.ts";
import { execute } from "../../src/io/execute.ts";
import { exitOne } from "../support/obedient-backend.ts";
import { type RandomRollout, randomRollouts } from "../support/random-plan.ts";

const namespaces = ["red", "green", "blue"];

interface Settings {
  readonly jobs: number;
  readonly jobsPerNamespace: number | undefined;
  readonly isExpected: boolean;
}

const settings: fc.Arbitrary<Settings> = fc.record({
  jobs: fc.integer({ min: 1, max: 5 }),
  jobsPerNamespace: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  isExpected: fc.boolean(),
});

/** No further steps from that event on: by Ctrl-C, or because the journal cannot be written any more. */
interface Stop {
  readonly by: "signal" | "halt";
  readonly at: number;
}

/** A step that begins, and what was so at that moment. */
interface Begin {
  readonly id: string;
  /** With the step itself. */
  readonly running: readonly Step[];
  /** What it waits for that was not done. */
  readonly missing: readonly string[];
  readonly isStopped: boolean;
}

interface Lived {
  readonly result: RolloutResult;
  readonly begins: readonly Begin[];
  readonly events: readonly RolloutEvent[];
  /** What ran when all was said to have ended. */
  readonly left: number;
}

/** The real executor on a backend without time. What fails once is tried again without a question. */
async function live(rollout: RandomRollout, limits: Settings, stop?: Stop): Promise<Lived> {
  const { plan, durations, fates } = rollout;
  const begins: Begin[] = [];
  const events: RolloutEvent[] = [];
  const running = new Set<Step>();
  const done = new Set<string>();
  const tried = new Set<string>();
  const stopping = { signal: new AbortController(), halt: new AbortController() };
  const isStopped = () => stopping.signal.signal.aborted || stopping.halt.signal.aborted;
  const nothingToDo = [...fates].filter(([, fate]) => fate === "has nothing to do");
  const result = await execute(plan, {
    jobs: limits.jobs,
    order: {
      ...(limits.isExpected && { expected: durations }),
      ...(limits.jobsPerNamespace !== undefined && { jobsPerNamespace: limits.jobsPerNamespace }),
    },
    signal: stopping.signal.signal,
    halt: stopping.halt.signal,
    settled: new Map(nothingToDo.map(([id]) => [id, { kind: "skipped", reason: "" } satisfies StepOutcome])),
    retry: (_, tries) => (tries === 1 ? { reason: "it may pass", afterMs: 1 } : undefined),
    on: (event) => {
      if (event.type === "step-finished" && isDone(event.outcome)) done.add(event.step.id);
      if (events.push(event) === stop?.at) stopping[stop.by].abort("no room for the journal");
    },
    backend: {
      run: async (step) => {
        running.add(step);
        const missing = step.after.filter((id) => !done.has(id));
        begins.push({ id: step.id, running: [...running], missing, isStopped: isStopped() });
        for (let turns = durations.get(step.id)?.ms ?? 0; turns >= 0; turns--) await Promise.resolve();
        running.delete(step);
        const fate = fates.get(step.id);
        const fails = fate === "fails" || (fate === "succeeds when tried again" && !tried.has(step.id));
        tried.add(step.id);
        return fails ? { ok: false, failure: exitOne } : { ok: true };
      },
      runCommand: async () => ({ ok: true }),
      now: () => 0,
      sleep: async () => undefined,
    },
  });
  return { result, begins, events, left: running.size };
}

/** Whatever happens: order and limits hold, each step ends once, and nothing is left running. */
function expectOrder(
  { plan }: RandomRollout,
  limits: Settings,
  { begins, events, result, left }: Lived,
): void {
  for (const { missing, running } of begins) {
    expect(missing).toEqual([]);
    expect(running.length).toBeLessThanOrEqual(limits.jobs);
    for (const namespace of namespaces) {
      const there = running.filter(({ releases }) => releases.some((id) => id.startsWith(`${namespace}/`)));
      expect(there.length).toBeLessThanOrEqual(limits.jobsPerNamespace ?? limits.jobs);
    }
  }
  const ended = events.flatMap((event) => (event.type === "step-finished" ? [event.step.id] : []));
  expect(ended.toSorted()).toEqual(plan.steps.map(({ id }) => id).toSorted());
  expect([...result.outcomes.keys()].toSorted()).toEqual(ended.toSorted());
  expect(left).toBe(0);
}

it("a rollout with gates and second tries ends; no dependant of a failure runs, everything else does", async () => {
  await fc.assert(
    fc.asyncProperty(randomRollouts, settings, async (rollout, limits) => {
      const lived = await live(rollout, limits);
      expectOrder(rollout, limits, lived);
      const doomed = new Set<string>();
      for (const { id, after } of rollout.plan.steps) {
        const fate = rollout.fates.get(id);
        const isBlocked = fate !== "has nothing to do" && after.some((before) => doomed.has(before));
        if (after.some((before) => doomed.has(before)) || fate === "fails") doomed.add(id);
        const tries = lived.begins.filter((begin) => begin.id === id).length;
        const wanted = fate === "fails" || fate === "succeeds when tried again" ? 2 : 1;
        expect([id, tries]).toEqual([id, isBlocked || fate === "has nothing to do" ? 0 : wanted]);
        // What has nothing to do is there, whatever it waits for.
        const isThere = fate === "has nothing to do" || !doomed.has(id);
        expect(isDone(lived.result.outcomes.get(id))).toBe(isThere);
      }
      expect(lived.result.stopped).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

it("a rollout that is stopped at any moment begins nothing after it, ends, and has an outcome for every step", async () => {
  const stops = fc.record({
    by: fc.constantFrom("signal" as const, "halt" as const),
    at: fc.integer({ min: 1, max: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(randomRollouts, settings, stops, async (rollout, limits, stop) => {
      const lived = await live(rollout, limits, stop);
      expectOrder(rollout, limits, lived);
      expect(lived.begins.filter(({ isStopped }) => isStopped)).toEqual([]);
      const last = lived.events.at(-1);
      expect(last?.type).toBe("rollout-finished");
      // At the very last event there is nothing left to be stopped.
      const isTold = lived.events.some(({ type }) => type === "rollout-stopping");
      expect(isTold).toBe(stop.at < lived.events.length);
      expect(lived.result.stopped !== undefined).toBe(isTold);
    }),
    { numRuns: 300 },
  );
});
