import { namespaceOf } from "../common/release.ts";
import type { Plan, Step } from "./plan.ts";
import { withVerb } from "./step-arguments.ts";

/**
 * Chooses between `sync` and `apply` by what exists: where none of a step's releases is there, there is nothing to
 * compare with, and on a fresh cluster a diff can fail where `sync` works. A step that helmfile lists no release for
 * stays what it is.
 *
 * @param existing ids of the releases that helm has a record of, by namespace; a namespace that is missing could not
 *   be read, and the steps of its releases stay what they are
 *
 * @example
 * const nothingYet = new Map([["mw-web", new Set<string>()]]);
 * const planForEmpty = chooseActions(plan, nothingYet);
 */
export function chooseActions(plan: Plan, existing: ReadonlyMap<string, ReadonlySet<string>>): Plan {
  return { ...plan, steps: plan.steps.map((step) => chooseAction(step, existing)) };
}

function chooseAction(step: Step, existing: ReadonlyMap<string, ReadonlySet<string>>): Step {
  const known = step.releases.map((id) => existing.get(namespaceOf(id))?.has(id));
  if (known.length === 0 || known.includes(undefined)) return step;
  const action = known.includes(true) ? "apply" : "sync";
  return action === step.action ? step : { ...step, action, args: withVerb(step.args, action) };
}
