import type { Plan, Step } from "../plan/plan.ts";
import type { DoneBefore } from "./run-resume.ts";

/** The plan without what is done already: nothing waits for that any more. */
export function leftToDo(plan: Plan, done: DoneBefore): Plan {
  const isLeft = (id: string) => !done.settled.has(id);
  return {
    ...plan,
    steps: plan.steps.filter(({ id }) => isLeft(id)).map((step) => withoutWaits(step, isLeft)),
    gates: plan.gates.map((gate) => ({ ...gate, steps: gate.steps.filter(isLeft) })),
    stages: plan.stages
      .filter(({ name }) => !done.commands.has(name))
      .map((stage) => ({ ...stage, steps: stage.steps.filter(isLeft) })),
  };
}

function withoutWaits(step: Step, isLeft: (id: string) => boolean): Step {
  const { because } = step;
  return {
    ...step,
    after: step.after.filter(isLeft),
    ...(because && { because: because.filter((one) => isLeft(one.step)) }),
  };
}
