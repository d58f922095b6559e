import type { ScheduleOptions } from "../core/rollout/schedule-simulation.ts";
import type { DeployContext } from "./deploy-context.ts";

/** By what a rollout chooses its next step: `plan` foretells by the same that `apply` and its like go by. */
export function rolloutSchedule({
  settings,
  verb,
}: Pick<DeployContext, "settings" | "verb">): Omit<ScheduleOptions, "expected" | "progress"> {
  const { jobs, jobsPerNamespace, selection, yes } = settings;
  return {
    jobs,
    ...(jobsPerNamespace === undefined ? {} : { jobsPerNamespace }),
    priority: new Map(selection.priority.map((service, at) => [service, at])),
    // Where nobody is asked between stages, a free worker takes the next stage's work.
    stagesInTurn: verb.asksBetweenStages && !yes,
  };
}
