import fc from "fast-check";
import type { Gate, Plan, Step } from "../../src/core/plan/plan.ts";
import type { Durations } from "../../src/core/rollout/durations.ts";
import { plan, step } from "./plan.ts";

/** A random plan, and what its steps do. */
export interface RandomRollout {
  readonly plan: Plan;
  readonly durations: Durations;
  /** How each step ends when it is tried first: by its id. */
  readonly fates: ReadonlyMap<string, Fate>;
}

export type Fate = "succeeds" | "fails" | "succeeds when tried again" | "has nothing to do";

const places = fc.array(fc.nat({ max: 1000 }), { maxLength: 3 });

const steps = fc.array(
  fc.record({
    after: places,
    namespaces: fc.array(fc.constantFrom("red", "green", "blue", ""), { maxLength: 3 }),
    service: fc.constantFrom("one", "two", "three"),
    stage: fc.constantFrom("first", "second", "third"),
    ms: fc.nat({ max: 20 }),
    fate: fc.constantFrom<Fate>(
      "succeeds",
      "succeeds",
      "succeeds",
      "fails",
      "succeeds when tried again",
      "has nothing to do",
    ),
  }),
  { minLength: 2, maxLength: 25 },
);

const gates = fc.array(
  fc.record({
    cut: fc.nat({ max: 1000 }),
    waitsFor: fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 3 }),
    holds: places,
  }),
  { maxLength: 3 },
);

/** Any graph whose order the plan's order keeps; gates wait for steps before a cut and hold steps behind it. */
export const randomRollouts: fc.Arbitrary<RandomRollout> = fc
  .tuple(steps, gates)
  .map(([drafts, gateDrafts]) => {
    const idOf = (at: number) => `step-${at}`;
    const assembled: Step[] = drafts.map(({ after, namespaces, service, stage }, at) =>
      step(idOf(at), [...new Set(at === 0 ? [] : after.map((before) => idOf(before % at)))], {
        service,
        stage,
        releases: namespaces.map((namespace, index) => `${namespace}/${at}-${index}`),
      }),
    );
    const assembledGates = gateDrafts.map(({ cut, waitsFor, holds }, index): Gate => {
      const border = 1 + (cut % (drafts.length - 1));
      const id = `gate-${index}`;
      const before = [...new Set(waitsFor.map((at) => idOf(at % border)))];
      for (const hold of holds) {
        const held = assembled[border + (hold % (drafts.length - border))];
        if (!held || held.gates?.includes(id)) continue;
        held.gates = [...(held.gates ?? []), id];
        held.after = [...new Set([...held.after, ...before])];
      }
      return { id, stage: "first", steps: before };
    });
    const stages = ["first", "second", "third"].map((name) => ({ name, gate: "none" as const }));
    return {
      plan: plan(assembled, { gates: assembledGates, stages }),
      durations: durationsOf(drafts.map(({ ms }, at) => [idOf(at), ms])),
      fates: new Map(drafts.map(({ fate }, at) => [idOf(at), fate])),
    };
  });

/** Durations that are known for certain. */
export function durationsOf(entries: Iterable<readonly [string, number]>): Durations {
  return new Map([...entries].map(([id, ms]) => [id, { ms, from: "step" }]));
}
