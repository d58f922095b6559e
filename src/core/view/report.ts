import type { RolloutResult } from "../rollout/events.ts";
import type { StepOutcome } from "../rollout/outcome.ts";
import { wasNotWaitedFor } from "../rollout/outcome-reasons.ts";
import type { Plan } from "../plan/plan.ts";
import { renderFailure } from "./render-failure.ts";

/** `3.2 s`, `4 min 10 s`, `1 h 3 min`: as long as a person wants to read. */
export function renderDuration(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** As {@link renderDuration}, in whole seconds: for what is told again and again. */
export function renderSeconds(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds} s` : renderDuration(seconds * 1000);
}

/** `1 step`, `2 steps`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The first of these, and how many more there are: `a, b and 3 more`. */
export function firstOf(items: readonly string[], most: number): string {
  const more = items.length > most ? ` and ${items.length - most} more` : "";
  return `${items.slice(0, most).join(", ")}${more}`;
}

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
  const left = renderExcluded(plan);
  if (left.length > 0) lines.push("", ...left);
  if (result.stopped !== undefined) lines.push("", `stopped: ${result.stopped}`);
  return lines.join("\n");
}

function stageRows(plan: Plan, result: RolloutResult): string[][] {
  const releases = new Map(plan.steps.map((step) => [step.id, step.releases.length]));
  const rows = plan.stages.map((stage) => {
    const ran = result.commands.get(stage.name);
    const ended = stage.steps.flatMap((id) => result.outcomes.get(id) ?? []);
    const deployed = stage.steps
      .filter((id) => result.outcomes.get(id)?.kind === "succeeded")
      .reduce((sum, id) => sum + (releases.get(id) ?? 0), 0);
    const all = stage.steps.reduce((sum, id) => sum + (releases.get(id) ?? 0), 0);
    const what = stage.run ? stage.run.join(" ") : `${deployed} of ${all} releases`;
    return [stage.name, what, ran ? ran.kind : countKinds(ended)];
  });
  return [["stage", "deployed", "steps"], ...rows];
}

function countKinds(outcomes: readonly StepOutcome[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of outcomes) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
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

/** Ids with the same reason in one line; of many the first ones. */
export function renderGroups(
  items: readonly { readonly id: string; readonly what: string; readonly why: string }[],
): string[] {
  const groups = new Map<string, { what: string; why: string; ids: string[] }>();
  for (const { id, what, why } of items) {
    const group = groups.get(`${what} ${why}`);
    if (group) group.ids.push(id);
    else groups.set(`${what} ${why}`, { what, why, ids: [id] });
  }
  return [...groups.values()].map(({ what, why, ids }) => {
    return `${what}: ${firstOf(ids, 4)} (${why})`;
  });
}

/** What is not deployed, counted by reason; and what could not be read. */
function renderExcluded(plan: Plan): string[] {
  return [
    ...renderGroups(
      plan.excluded.map(({ release, reason }) => ({ id: release, what: "left out", why: reason })),
    ),
    ...plan.unreadable.map(({ service, message }) => `could not be read: ${service}: ${message}`),
  ];
}

/** Columns as wide as their widest cell, two spaces between; nothing is cut. */
export function renderTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

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

/** For people to read and paste; nothing here ever goes through a shell. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9_./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
