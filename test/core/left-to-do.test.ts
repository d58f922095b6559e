import { expect, it } from "vitest";
import { leftToDo } from "../../src/core/journal/left-to-do.ts";
import { nothingDone } from "../../src/core/journal/run-resume.ts";
import { plan, step } from "../support/plan.ts";

const because = [
  { step: "a", text: "d reads a" },
  { step: "c", text: "d reads c" },
];
const [a, b, c, d] = [step("a"), step("b", ["a"]), step("c"), step("d", ["a", "c"], { because })];
const gate = { id: "ready", stage: "rest", steps: ["a", "c"] };
const handOff = { name: "hand-off", gate: "none" as const, run: ["scap"], steps: [] };
const whole = plan(
  [a, b, c, d].flatMap((one) => one ?? []),
  {
    gates: [gate],
    stages: [{ name: "rest", gate: "wait" }, handOff],
  },
);
const done = { kind: "skipped", reason: "done in eqiad-20261005T110000Z-42" } as const;

it("a plan has left what is not done, and nothing of it waits for what is", () => {
  const left = leftToDo(whole, { settled: new Map([["a", done]]), commands: new Map() });
  expect(left).toEqual({
    ...whole,
    steps: [step("b"), step("c"), step("d", ["c"], { because: because.slice(1) })],
    gates: [{ ...gate, steps: ["c"] }],
    stages: [{ name: "rest", gate: "wait", steps: ["b", "c", "d"] }, handOff],
  });
});

it("a stage whose command is done is not left, and all is where nothing is done", () => {
  const left = leftToDo(whole, { settled: new Map(), commands: new Map([["hand-off", done]]) });
  expect(left).toEqual({ ...whole, stages: whole.stages.slice(0, 1) });
  expect(leftToDo(whole, nothingDone)).toEqual(whole);
});
