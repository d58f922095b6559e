import fc from "fast-check";
import { expect, it } from "vitest";
import type { Plan } from "../../src/core/plan/plan.ts";
import { waitsForStep, waitsOfStep } from "../../src/core/plan/waits.ts";
import { randomRollouts } from "../support/random-plan.ts";

it("what a step waits for, directly or not, is what waits for those, for the same reasons", () => {
  fc.assert(
    fc.property(randomRollouts, ({ plan }) => {
      const forward = edges(plan, (step) =>
        waitsOfStep(step, plan).map((wait) => ({ ...wait, from: wait.name, to: step.id })),
      );
      const backward = edges(plan, (step) =>
        waitsForStep(step, plan).map((wait) => ({ ...wait, from: step.id, to: wait.name })),
      );
      expect(backward).toEqual(forward);
      const direct = plan.steps.flatMap(({ id, after }) => after.map((before) => `${before} ${id}`));
      const found = forward.filter((edge) => edge.direct).map(({ from, to }) => `${from} ${to}`);
      expect(new Set(found)).toEqual(new Set(direct));
    }),
  );
});

function edges<Edge extends { readonly from: string; readonly to: string }>(
  { steps }: Plan,
  of: (step: Plan["steps"][number]) => readonly (Edge & { readonly name: string })[],
) {
  return steps
    .flatMap(of)
    .map(({ name: _, ...edge }) => edge)
    .sort((one, other) => (`${one.from} ${one.to}` < `${other.from} ${other.to}` ? -1 : 1));
}
