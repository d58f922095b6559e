import { groupedBy } from "../common/grouped-by.ts";
import { counted, firstOf, renderTable } from "../common/words.ts";
import { apartFromHandedOver } from "../plan/handed-over.ts";
import type { Plan, Stage } from "../plan/plan.ts";
import { fitLine } from "./fit-line.ts";

/** What is known before a rollout begins, besides its plan; each line for people. */
export interface StartFacts {
  /** Which cluster it is, and what it looks like. */
  readonly cluster: readonly string[];
  readonly expected: readonly string[];
  /** Stages whose gates are gone past, and whose commands run in any case. */
  readonly skipGates: readonly string[];
}

/** So that a screen of 80 columns and 24 rows holds all of it, with the question below. */
const [shownReasons, shownUnreadable] = [5, 2];

/** What a rollout is about to do, before the first question. */
export function renderStart(plan: Plan, { cluster, expected, skipGates }: StartFacts): string {
  const rows = plan.stages.map((stage) => stageRow(stage, plan, skipGates));
  const applied = plan.steps.filter(({ action }) => action === "apply").map(({ id }) => id);
  const lines = [
    ...cluster,
    ...expected,
    ...renderTable(rows),
    ...(plan.mode === "restore" && applied.length > 0
      ? [`exists already, and is applied: ${firstOf(applied, 4)}; all else is synced`]
      : []),
    ...renderLeftOut(plan),
    ...renderUnreadable(plan),
  ];
  return [`${plan.mode} of the cluster ${plan.environment}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function stageRow(stage: Stage, plan: Plan, skipGates: readonly string[]): string[] {
  const { name, gate, run, runDeploys, steps } = stage;
  const isSkipped = skipGates.includes(name);
  if (run) {
    const what = runDeploys ? `hands ${describeHandedOver(runDeploys)} to ` : "";
    return [name, `${what}${run.join(" ")}${isSkipped ? " (in any case: --skip-gate)" : ""}`];
  }
  const ids = new Set(steps);
  const count = plan.steps.reduce((sum, { id, releases }) => sum + (ids.has(id) ? releases.length : 0), 0);
  const what = `${counted(count, "release")} in ${counted(steps.length, "step")}`;
  if (gate !== "wait") return [name, what];
  return [name, `${what}, then a gate${isSkipped ? ", which is skipped (--skip-gate)" : ""}`];
}

/** In some namespaces they have their names only when they are deployed. */
function describeHandedOver(releases: readonly string[]): string {
  const unnamed = releases.filter((id) => id.endsWith("/*"));
  const named = counted(releases.length - unnamed.length, "release");
  return unnamed.length === 0 ? named : `${named} and ${firstOf(unnamed, 3)}`;
}

/** Counted by reason; of few, their names. */
function renderLeftOut({ excluded, stages }: Plan): string[] {
  // What is handed over is told with its stage.
  const run = stages.find((stage) => stage.run)?.run;
  const { leftOut } = apartFromHandedOver(excluded, run && { command: run });
  const byReason = groupedBy(leftOut, ({ reason }) => reason);
  const groups = [...byReason].toSorted(([, one], [, other]) => other.length - one.length);
  const lines = groups.slice(0, shownReasons).map(([reason, group]) => {
    const releases = group.map(({ release }) => release);
    const which = releases.length > 3 ? counted(releases.length, "release") : releases.join(", ");
    return `left out: ${which} (${reason})`;
  });
  const rest = groups.slice(shownReasons);
  const more = rest.reduce((sum, [, group]) => sum + group.length, 0);
  return rest.length === 0
    ? lines
    : [...lines, `left out: ${counted(more, "more release")}, for ${counted(rest.length, "other reason")}`];
}

function renderUnreadable({ unreadable }: Plan): string[] {
  const shown = unreadable.slice(0, shownUnreadable);
  const more = unreadable.slice(shownUnreadable).map(({ service }) => service);
  return [
    // Why is told at length where it was read.
    ...shown.map(({ service, message }) => fitLine(`could not be read: ${service}: ${message}`, 78)),
    ...(more.length > 0 ? [`could not be read: ${firstOf(more, 4)}`] : []),
  ];
}
