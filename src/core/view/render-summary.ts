import { renderDuration, renderTable } from "../common/words.ts";
import type { Plan } from "../plan/plan.ts";
import { renderExcluded, renderGroups } from "../plan/render-plan.ts";
import { countDeployed } from "../rollout/deployed-count.ts";
import type { RolloutResult } from "../rollout/events.ts";
import { countByKind, type StepOutcome } from "../rollout/outcome.ts";
import { wasNotWaitedFor } from "../rollout/outcome-reasons.ts";
import { renderFailure } from "./render-failure.ts";

/**
 * What is left to say when a rollout has ended: releases per stage, what did not succeed and why, what was left out.
 *
 * @param logOf the file with the output of a step, or of the command of a stage
 *
 * @example
 * const result = await execute(plan, { backend, jobs: 8 });
 * console.log(renderSummary(plan, result));
 */
export function renderSummary(
  plan: Plan,
  result: RolloutResult,
  logOf: (id: string) => string | undefined = () => undefined,
): string {
  const lines = [`${plan.mode} of ${plan.environment} took ${renderDuration(result.durationMs)}`, ""];
  lines.push(...renderTable(stageRows(plan, result)));
  const troubles = [...renderTroubles(plan, result, logOf), ...renderGates(plan, result)];
  if (troubles.length > 0) lines.push("", ...troubles);
  const left = renderExcluded(plan, result.commands);
  if (left.length > 0) lines.push("", ...left);
  if (result.stopped !== undefined) lines.push("", `stopped: ${result.stopped}`);
  return lines.join("\n");
}

function stageRows(plan: Plan, result: RolloutResult): string[][] {
  const rows = plan.stages.map((stage) => {
    const ran = result.commands.get(stage.name);
    const ended = stage.steps.flatMap((id) => result.outcomes.get(id) ?? []);
    const own = new Set(stage.steps);
    const steps = plan.steps.filter(({ id }) => own.has(id));
    const what = stage.run ? stage.run.join(" ") : countDeployed(steps, result.outcomes);
    const counts = [...countByKind(ended)].map(([kind, count]) => `${count} ${kind}`);
    return [stage.name, what, ran ? ran.kind : counts.join(", ")];
  });
  return [["stage", "deployed", "steps"], ...rows];
}

/** So many failures are told with what was printed last: behind more of them the others would not be seen. */
const toldAtLength = 5;

/** Each failure by itself; what did not run is told together with what it did not run for. */
function renderTroubles(
  plan: Plan,
  result: RolloutResult,
  logOf: (id: string) => string | undefined,
): string[] {
  const ended = [
    ...plan.steps.map((step) => [step.id, result.outcomes.get(step.id)] as const),
    ...plan.stages.map((stage) => [stage.name, result.commands.get(stage.name)] as const),
  ];
  const failed = ended.flatMap(([id, outcome]) => (outcome?.kind === "failed" ? [{ id, ...outcome }] : []));
  const others = (...kinds: readonly StepOutcome["kind"][]) =>
    ended.flatMap(([id, outcome]) =>
      outcome && "reason" in outcome && kinds.includes(outcome.kind)
        ? [{ id, what: outcome.kind, why: outcome.reason }]
        : [],
    );
  return [
    ...failed.flatMap(({ id, failure }, at) =>
      renderFailure(id, failure, { isShort: at >= toldAtLength, log: logOf(id) }),
    ),
    ...renderGroups(others("blocked", "cancelled")),
    ...renderGroups(others("skipped")),
  ];
}

/** Gates that are not open as they should be: shut, or open because somebody wanted it. */
function renderGates({ gates }: Plan, result: RolloutResult): string[] {
  return gates.flatMap(({ id }) => {
    const end = result.gates?.get(id);
    if (!end) return [];
    if (!end.isOpen) return [`gate ${id} stayed shut: ${end.reason}`];
    return wasNotWaitedFor(end.reason) ? [`gate ${id} ${end.reason}`] : [];
  });
}
