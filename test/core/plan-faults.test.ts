import { expect, it } from "vitest";
import type { Plan } from "../../src/core/plan/plan.ts";
import { findPlanFaults } from "../../src/core/plan/plan-faults.ts";
import { plan, step } from "../support/plan.ts";

const asked = { environment: "eqiad", mode: "restore" } as const;
const gate = { id: "ready", stage: "rest", steps: ["a"] };

// a ── [ready] ── b ── c
const sound = plan([step("a"), step("b", ["a"], { gates: ["ready"] }), step("c", ["b"])], {
  gates: [gate],
});

function faults(changes: Partial<Plan>): readonly string[] {
  return findPlanFaults({ ...sound, ...changes }, asked);
}

const [a, b, c] = sound.steps as [Plan["steps"][0], Plan["steps"][0], Plan["steps"][0]];
const rest = { name: "rest", gate: "none", steps: ["a", "b", "c"] } as const;
const stages = (...all: (Omit<Plan["stages"][0], "gate" | "steps"> & { steps: readonly string[] })[]) => ({
  stages: all.map((stage) => ({ ...stage, gate: "none" as const, steps: [...stage.steps] })),
});

it("a plan that holds together has no fault", () => {
  expect(faults({})).toEqual([]);
  expect(
    faults({
      lockFolder: "/run/lock",
      ...stages(rest, { name: "hand-off", steps: [], runAfter: ["ready"] }),
    }),
  ).toEqual([]);
});

it.each<[string, Partial<Plan>, string[]]>([
  [
    "another environment or mode than was asked for",
    { environment: "codfw", mode: "apply" },
    [
      'it is a plan for "codfw", and was asked for "eqiad"',
      "it is a plan of mode apply, and was asked for restore",
    ],
  ],
  [
    "a step, a stage and a gate that are there twice",
    { steps: [a, a, b, c], ...stages(rest, { ...rest, steps: [] }), gates: [gate, gate] },
    ['two steps have the id "a"', 'two stages have the name "rest"', 'two gates have the id "ready"'],
  ],
  [
    "a step that names what there is not, and none of its verb",
    { steps: [a, { ...b, after: ["x"], gates: ["y"] }, { ...c, stage: "z", args: ["apply"] }] },
    [
      'the step "b" waits for "x", which is no step',
      'the step "b" is held by "y", no gate',
      'the step "c" is of the stage "z", which there is not',
      'the step "c" has no "sync" among its arguments',
    ],
  ],
  [
    "steps that stages do not list, or twice, or that are of another stage",
    {
      steps: [a, b, c, step("stray")],
      ...stages(rest, { name: "more", steps: ["a", "x"], runAfter: ["ready", "y"] }),
    },
    [
      'the step "a" is listed twice: by the stages "rest" and "more"',
      'the stage "more" lists "x", which is no step',
      'the command of the stage "more" waits for "y", which is no gate',
      'the step "stray" is listed by no stage',
    ],
  ],
  [
    "a step in the list of another stage than its own",
    stages({ ...rest, steps: ["a", "b"] }, { name: "more", steps: ["c"] }),
    ['the stage "more" lists the step "c", which says it is of "rest"'],
  ],
  [
    "a gate that waits for what there is not, or twice",
    { gates: [{ ...gate, stage: "z", steps: ["a", "x", "a"] }] },
    [
      'the gate "ready" waits for "x", which is no step',
      'the gate "ready" waits for the step "a" twice',
      'the gate "ready" is of the stage "z", which there is not',
    ],
  ],
  [
    "a lock folder that is no path",
    { lockFolder: "run\n" },
    ['the lock folder "run\\n" is no absolute path'],
  ],
  [
    "a lock folder that is somewhere else for each user",
    { lockFolder: "run/lock" },
    ['the lock folder "run/lock" is no absolute path'],
  ],
  [
    "steps that stand before what they wait for, by themselves or by a gate",
    { steps: [b, a, { ...c, after: [] }] },
    [
      'the step "b" stands before "a", which it waits for',
      'the step "b" stands before "a", which it waits for',
    ],
  ],
  [
    "steps that wait for each other",
    { steps: [{ ...a, after: ["c"] }, b, c] },
    ["steps wait for each other in a circle: b → c → a → b"],
  ],
  [
    "steps that wait for each other through a gate",
    { steps: [a, { ...b, after: [] }, c], gates: [{ ...gate, steps: ["c"] }] },
    ["steps wait for each other in a circle: c → b → c"],
  ],
  // What names nothing has no order.
  [
    "only what names nothing, where there is both",
    { steps: [b, a, { ...c, after: ["x"] }] },
    ['the step "c" waits for "x", which is no step'],
  ],
])("what is wrong with a plan is told in sentences: %s", (_, changes, sentences) => {
  expect(faults(changes)).toEqual(sentences);
});

it("of many faults the first twenty are told", () => {
  const many = (count: number) =>
    faults({ steps: [{ ...a, after: Array.from({ length: count }, (_, at) => `x${at}`) }, b, c] });
  expect(many(20)).toHaveLength(20);
  expect(many(23).slice(19)).toEqual(['the step "a" waits for "x19", which is no step', "and 3 more"]);
});
