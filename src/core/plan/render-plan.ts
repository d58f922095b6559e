import { groupedBy } from "../common/grouped-by.ts";
import { counted, firstOf, quoted, renderTable } from "../common/words.ts";
import type { StepOutcome } from "../rollout/outcome.ts";
import { notDeployedBy } from "./left-out.ts";
import type { Plan } from "./plan.ts";

/** The plan for people: stage by stage, each step with what it waits for. */
export function renderPlan(plan: Plan): string {
  const steps = new Map(plan.steps.map((step) => [step.id, step]));
  const lines = [
    `${plan.mode} of ${plan.environment}: ${counted(plan.steps.length, "step")} in ${counted(plan.stages.length, "stage")}`,
  ];
  for (const stage of plan.stages) {
    const gate = stage.gate === "wait" ? ", with a gate behind it" : "";
    lines.push("", stage.run ? `stage ${stage.name}: ${stage.run.join(" ")}` : `stage ${stage.name}${gate}`);
    const rows = stage.steps.map((id) => {
      const step = steps.get(id);
      if (!step) return [];
      const after = step.after.length === 0 ? "" : `after ${firstOf(step.after, 3)}`;
      return [
        `  ${step.action}`,
        id,
        step.releases.length > 1 ? `${step.releases.length} releases` : "",
        after,
      ];
    });
    lines.push(...renderTable(rows));
  }
  const left = renderExcluded(plan);
  if (left.length > 0) lines.push("", ...left);
  return lines.join("\n");
}

/** The commands that a rollout would run, in order, as one would type them. */
export function renderCommands(plan: Plan): string {
  const helmfile = plan.steps.map((step) => ["helmfile", ...step.args]);
  const commands = plan.stages.flatMap((stage) => (stage.run ? [stage.run] : []));
  return [...helmfile, ...commands].map((words) => words.map(quoted).join(" ")).join("\n");
}

/** Ids with the same reason in one line; of many the first ones. */
export function renderGroups(
  items: readonly { readonly id: string; readonly what: string; readonly why: string }[],
): string[] {
  const groups = groupedBy(items, ({ what, why }) => `${what} ${why}`);
  return [...groups.values()].map((group) => {
    const [{ what, why } = { what: "", why: "" }] = group;
    const ids = group.map(({ id }) => id);
    return `${what}: ${firstOf(ids, 4)} (${why})`;
  });
}

/**
 * What no step deploys, counted by reason; and what could not be read.
 *
 * @param outcomes how the commands of stages ended, by stage
 */
export function renderExcluded(plan: Plan, outcomes?: ReadonlyMap<string, StepOutcome>): string[] {
  const { leftOut, handedOver } = notDeployedBy(plan, outcomes);
  return [
    ...(handedOver ? [handedOver.join(": ")] : []),
    ...leftOut.map(({ reason: why, names }) => `left out: ${firstOf(names, 4)} (${why})`),
    ...plan.unreadable.map(({ service, message }) => `could not be read: ${service}: ${message}`),
  ];
}
