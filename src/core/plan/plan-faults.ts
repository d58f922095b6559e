import { isFilePath } from "../common/file-path.ts";
import { assembleGraph, type Edge, findCycles, orderNodes } from "../common/graph.ts";
import type { Plan, PlanMode, Step } from "./plan.ts";

/** How many faults of one plan are told; more than that are the same mistake. */
const toldFaults = 20;

/**
 * What is wrong with a plan whose form is right: names that nothing has, things that are there twice or nowhere, and
 * steps that wait for each other. A plan without a fault can be carried out to its end.
 *
 * @returns a sentence for each fault, in the plan's order; none where the plan holds together
 */
export function findPlanFaults(
  plan: Plan,
  asked: { readonly environment: string; readonly mode: PlanMode },
): readonly string[] {
  const names: Names = {
    steps: new Map(plan.steps.map((step, at) => [step.id, at])),
    stages: new Set(plan.stages.map(({ name }) => name)),
    gates: new Map(plan.gates.map((gate) => [gate.id, gate.steps])),
  };
  const faults = [
    ...checkAnswered(plan, asked),
    ...repeated(plan.steps.map(({ id }) => id)).map((id) => `two steps have the id "${id}"`),
    ...repeated(plan.stages.map(({ name }) => name)).map((name) => `two stages have the name "${name}"`),
    ...repeated(plan.gates.map(({ id }) => id)).map((id) => `two gates have the id "${id}"`),
    ...plan.steps.flatMap((step) => checkStep(step, names)),
    ...checkStages(plan, names),
    ...checkGates(plan, names),
    ...checkLockFolder(plan),
  ];
  const all = faults.length > 0 ? faults : checkStepOrder(plan, names);
  if (all.length <= toldFaults) return all;
  return [...all.slice(0, toldFaults), `and ${all.length - toldFaults} more`];
}

interface Names {
  /** Positions of the steps, by id. */
  readonly steps: ReadonlyMap<string, number>;
  readonly stages: ReadonlySet<string>;
  /** What each gate waits for, by its id. */
  readonly gates: ReadonlyMap<string, readonly string[]>;
}

function checkAnswered(plan: Plan, asked: { environment: string; mode: PlanMode }): string[] {
  const faults: string[] = [];
  if (plan.environment !== asked.environment) {
    faults.push(`it is a plan for "${plan.environment}", and was asked for "${asked.environment}"`);
  }
  if (plan.mode !== asked.mode)
    faults.push(`it is a plan of mode ${plan.mode}, and was asked for ${asked.mode}`);
  return faults;
}

function checkStep(step: Step, { steps, stages, gates }: Names): string[] {
  const what = `the step "${step.id}"`;
  return [
    ...step.after.filter((id) => !steps.has(id)).map((id) => `${what} waits for "${id}", which is no step`),
    ...(step.gates ?? []).filter((id) => !gates.has(id)).map((id) => `${what} is held by "${id}", no gate`),
    ...(stages.has(step.stage) ? [] : [`${what} is of the stage "${step.stage}", which there is not`]),
    // The verb is replaced where only the diff is wanted.
    ...(step.args.includes(step.action) ? [] : [`${what} has no "${step.action}" among its arguments`]),
  ];
}

/** Each step stands in the list of its own stage, once, and in no other. */
function checkStages(plan: Plan, { steps, stages, gates }: Names): string[] {
  const faults: string[] = [];
  const listed = new Map<string, string>();
  for (const { name, steps: ids, runAfter = [] } of plan.stages) {
    for (const id of ids) {
      const before = listed.get(id);
      const at = steps.get(id);
      const own = plan.steps[at ?? -1]?.stage ?? name;
      if (at === undefined) faults.push(`the stage "${name}" lists "${id}", which is no step`);
      else if (before !== undefined)
        faults.push(`the step "${id}" is listed twice: by the stages "${before}" and "${name}"`);
      else if (own !== name && stages.has(own))
        faults.push(`the stage "${name}" lists the step "${id}", which says it is of "${own}"`);
      listed.set(id, name);
    }
    for (const id of runAfter.filter((gate) => !gates.has(gate))) {
      faults.push(`the command of the stage "${name}" waits for "${id}", which is no gate`);
    }
  }
  const strays = plan.steps.filter(({ id }) => !listed.has(id));
  return [...faults, ...strays.map(({ id }) => `the step "${id}" is listed by no stage`)];
}

function checkGates(plan: Plan, { steps, stages }: Names): string[] {
  return plan.gates.flatMap(({ id, stage, steps: ids }) => [
    ...ids
      .filter((step) => !steps.has(step))
      .map((step) => `the gate "${id}" waits for "${step}", which is no step`),
    ...repeated(ids).map((step) => `the gate "${id}" waits for the step "${step}" twice`),
    ...(stages.has(stage) ? [] : [`the gate "${id}" is of the stage "${stage}", which there is not`]),
  ]);
}

function checkLockFolder({ lockFolder }: Plan): string[] {
  if (lockFolder === undefined || (lockFolder.startsWith("/") && isFilePath(lockFolder))) return [];
  return [`the lock folder ${JSON.stringify(lockFolder)} is no absolute path`];
}

/** The dry run shows the steps as they stand: each behind what it waits for, the steps of its gates among it. */
function checkStepOrder(plan: Plan, { steps, gates }: Names): string[] {
  const edges: Edge[] = [];
  plan.steps.forEach((step, second) => {
    const before = [...step.after, ...(step.gates ?? []).flatMap((gate) => gates.get(gate) ?? [])];
    for (const id of before) edges.push({ first: steps.get(id) ?? 0, second });
  });
  const graph = assembleGraph(plan.steps.length, edges);
  const order = orderNodes(graph, () => 0);
  if (order.length === plan.steps.length) {
    return edges
      .filter(({ first, second }) => first > second)
      .map(
        ({ first, second }) =>
          `the step "${plan.steps[second]?.id}" stands before "${plan.steps[first]?.id}", which it waits for`,
      );
  }
  return findCycles(graph, order).map((cycle) => {
    const ids = cycle.map((node) => plan.steps[node]?.id);
    return `steps wait for each other in a circle: ${[...ids, ids[0]].join(" → ")}`;
  });
}

function repeated(names: readonly string[]): string[] {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const name of names) (seen.has(name) ? twice : seen).add(name);
  return [...twice];
}
