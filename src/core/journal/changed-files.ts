import type { Plan, Step } from "../plan/plan.ts";
import { isDoneKind } from "../rollout/outcome.ts";
import type { RunChain, StepStanding } from "./run-chain.ts";

/** A digest of the files of each service, as far as they could be read. */
export type ServiceDigests = ReadonlyMap<string, string>;

/** Services of which a run did something, by whether their files are as they were then. */
export interface ChangedFiles {
  readonly changed: readonly string[];
  /** They were not looked at then, or cannot be now. */
  readonly unknown: readonly string[];
}

export function changedFiles(plan: Plan, { steps }: RunChain, now: ServiceDigests): ChangedFiles {
  const [changed, unknown] = [new Set<string>(), new Set<string>()];
  for (const step of plan.steps) {
    const standing = steps.get(step.id);
    if (!standing || !wasDoneOrBegun(standing)) continue;
    const isChanged = hasOtherFiles(step, standing, now);
    if (isChanged !== false) (isChanged === undefined ? unknown : changed).add(step.service);
  }
  return { changed: [...changed], unknown: [...unknown] };
}

/** Undefined where that is not known. */
export function hasOtherFiles(
  { service }: Step,
  { files }: StepStanding,
  now: ServiceDigests,
): boolean | undefined {
  const digest = now.get(service);
  return files === undefined || digest === undefined ? undefined : files !== digest;
}

function wasDoneOrBegun({ outcome }: StepStanding): boolean {
  return outcome === "in-flight" || isDoneKind(outcome.kind);
}
