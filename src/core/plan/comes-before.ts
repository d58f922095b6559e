import { reach } from "../common/graph.ts";
import type { Release, Tree } from "../common/release.ts";
import type { Plan } from "./plan.ts";

/** Whether one release is deployed before another one; undefined where the plan does not deploy both. */
export type ComesBefore = (first: string, then: string) => boolean | undefined;

/** Goes by the plan's steps, and within a step by the `needs` of its helmfile, which helmfile itself keeps. */
export function comesBeforeIn(plan: Plan, tree: Tree): ComesBefore {
  const stepOf = new Map(plan.steps.flatMap((step) => step.releases.map((id) => [id, step.id] as const)));
  const after = new Map(plan.steps.map((step) => [step.id, step.after]));
  const releases = tree.services.flatMap((service) => service.releases);
  const needs = new Map<string, Release["needs"]>(releases.map((release) => [release.id, release.needs]));
  const behindStep = rememberReach((id) => after.get(id) ?? []);
  const behindRelease = rememberReach((id) => needs.get(id) ?? []);
  return (first, then) => {
    const one = stepOf.get(first);
    const other = stepOf.get(then);
    if (one === undefined || other === undefined) return undefined;
    return one === other ? behindRelease(then).has(first) : behindStep(other).has(one);
  };
}

/** All that can be reached from a node, looked for once. */
function rememberReach(next: (id: string) => readonly string[]): (id: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  return (id) => {
    const reached = known.get(id) ?? reach(next(id), next);
    known.set(id, reached);
    return reached;
  };
}
