import type { Place } from "../common/diagnostic.ts";
import { reach } from "../common/graph.ts";
import { appendTo } from "../common/grouped-by.ts";
import type { Gate, Plan, Stage, Step } from "./plan.ts";

/** Something that a step waits for, or that waits for it. */
export interface Wait {
  /** `command`: that of a stage, by the stage's name. `release`: one of the same step. */
  readonly kind: "step" | "release" | "command";
  readonly name: string;
  /** False where it is waited for only through others. */
  readonly direct: boolean;
  /** Empty where it is not direct, and where the plan gives no reason. */
  readonly because: readonly { readonly text: string; readonly place?: Place }[];
}

/** What a step waits for: what it names itself first, then what is behind that, in the plan's order. */
export function waitsOfStep(step: Step, plan: Plan): Wait[] {
  const steps = indexSteps(plan);
  const direct = step.after.map((id) => directly(id, reasonsBetween(step, id, plan)));
  return [
    ...direct,
    ...through(
      reach(step.after, (id) => steps.get(id)?.after ?? []),
      { plan, but: step.after },
    ),
  ];
}

/** What waits for a step: in the plan's order, direct ones first; then commands of stages. */
export function waitsForStep(step: Step, plan: Plan): Wait[] {
  const waiting = new Map<string, string[]>();
  for (const { id, after } of plan.steps) {
    for (const before of after) appendTo(waiting, before, id);
  }
  const direct = plan.steps.filter(({ after }) => after.includes(step.id));
  const ids = direct.map(({ id }) => id);
  const commands = plan.stages.flatMap((stage): Wait[] => {
    const gates = gatesOfCommand(stage, plan).filter(({ steps }) => steps.includes(step.id));
    const because = gates.map((gate) => ({ text: gateText(gate) }));
    return because.length === 0 ? [] : [{ kind: "command", name: stage.name, direct: true, because }];
  });
  return [
    ...direct.map((one) => directly(one.id, reasonsBetween(one, step.id, plan))),
    ...through(
      reach(ids, (id) => waiting.get(id) ?? []),
      { plan, but: ids },
    ),
    ...commands,
  ];
}

/** What the command of a stage waits for by its gates. Besides, it begins only when every step has ended. */
export function waitsOfCommand(stage: Stage, plan: Plan): Wait[] {
  const gates = gatesOfCommand(stage, plan);
  const ids = new Set(gates.flatMap(({ steps }) => steps));
  return plan.steps
    .filter(({ id }) => ids.has(id))
    .map(({ id }) =>
      directly(
        id,
        gates.filter(({ steps }) => steps.includes(id)).map((gate) => ({ text: gateText(gate) })),
      ),
    );
}

function directly(name: string, because: Wait["because"]): Wait {
  return { kind: "step", name, direct: true, because };
}

function reasonsBetween(step: Step, before: string, plan: Plan): Wait["because"] {
  const gates = plan.gates.filter(({ id, steps }) => step.gates?.includes(id) && steps.includes(before));
  return [
    ...(step.because ?? [])
      .filter((one) => one.step === before)
      .map(({ text, place }) => ({ text, ...(place ? { place } : {}) })),
    ...gates.map((gate) => ({ text: gateText(gate) })),
  ];
}

function gateText({ stage, namespace }: Gate): string {
  return `the gate of the stage ${stage}${namespace === undefined ? "" : ` in ${namespace}`}`;
}

function gatesOfCommand({ runAfter = [] }: Stage, { gates }: Plan): Gate[] {
  return gates.filter(({ id }) => runAfter.includes(id));
}

function through(
  ids: ReadonlySet<string>,
  { plan, but }: { readonly plan: Plan; readonly but: readonly string[] },
): Wait[] {
  return plan.steps
    .filter(({ id }) => ids.has(id) && !but.includes(id))
    .map(({ id }) => ({ kind: "step", name: id, direct: false, because: [] }));
}

function indexSteps({ steps }: Plan): ReadonlyMap<string, Step> {
  return new Map(steps.map((step) => [step.id, step]));
}
