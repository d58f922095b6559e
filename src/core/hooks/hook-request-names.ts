import { toldIssue } from "../common/json-fault.ts";
import { nearest } from "../common/nearest.ts";
import type * as z from "../common/zod.ts";
import type { Plan } from "../plan/plan.ts";
import { findPlanFaults } from "../plan/plan-faults.ts";
import type { Outcomes } from "./hooks.ts";

/** A request about a plan. */
interface AboutPlan {
  readonly plan: Plan;
  readonly stage?: string;
  readonly gate?: string;
  readonly outcomes: Outcomes;
  readonly commands?: Outcomes;
}

/**
 * Finds what the plan of a request does not have. A gate that nobody knows would be open, and an outcome by a wrong id
 * would count as a step that has not ended.
 */
export function checkNames({ value, issues }: z.core.ParsePayload<AboutPlan>): void {
  const { plan, stage, gate, outcomes, commands = {} } = value;
  const faults = findPlanFaults(plan, plan);
  issues.push(...faults.map((fault) => toldIssue(fault, ["plan"])));
  if (faults.length > 0) return;
  const stages = plan.stages.map(({ name }) => name);
  const steps = plan.steps.map(({ id }) => id);
  if (stage !== undefined) issues.push(...unknown(stage, { what: "stage", known: stages, path: ["stage"] }));
  if (gate !== undefined) issues.push(...unknownGate(plan, gate, stage));
  for (const id of Object.keys(outcomes))
    issues.push(...unknown(id, { what: "step", known: steps, path: ["outcomes", id] }));
  for (const name of Object.keys(commands))
    issues.push(...unknown(name, { what: "stage", known: stages, path: ["commands", name] }));
}

function unknownGate({ gates }: Plan, id: string, stage: string | undefined): z.core.$ZodRawIssue[] {
  const gate = gates.find((one) => one.id === id);
  if (!gate) return unknown(id, { what: "gate", known: gates.map((one) => one.id), path: ["gate"] });
  if (gate.stage === stage) return [];
  return [toldIssue(`the gate ${id} is of the stage ${gate.stage}, and not of ${stage}`, ["gate"])];
}

function unknown(
  name: string,
  {
    what,
    known,
    path,
  }: { readonly what: string; readonly known: readonly string[]; readonly path: string[] },
): z.core.$ZodRawIssue[] {
  if (known.includes(name)) return [];
  const near = nearest(name, known);
  const guess = near === undefined ? "" : `: perhaps ${near}`;
  return [toldIssue(`the plan has no ${what} ${JSON.stringify(name)}${guess}`, path)];
}
