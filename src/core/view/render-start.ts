import { counted, firstOf, renderTable } from "../common/words.ts";
import { describeHandedOver, type LeftOut, notDeployedBy } from "../plan/left-out.ts";
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

/** Counted by reason; of few, their names. Services that could not be read are few, and told in any case. */
function renderLeftOut(plan: Plan): string[] {
  // What is handed over is told with its stage.
  const leftOut = notDeployedBy(plan).leftOut.toSorted((one, other) => other.names.length - one.names.length);
  const groups = leftOut.filter(({ what }) => what === "release");
  const services = leftOut.filter(({ what }) => what === "service");
  const rest = groups.slice(shownReasons);
  const more = rest.reduce((sum, { names }) => sum + names.length, 0);
  return [
    ...groups.slice(0, shownReasons).map(leftOutLine),
    ...(rest.length > 0
      ? [`left out: ${counted(more, "more release")}, for ${counted(rest.length, "other reason")}`]
      : []),
    ...services.map(leftOutLine),
  ];
}

function leftOutLine({ names, reason, what }: LeftOut): string {
  const which = names.length > 3 ? counted(names.length, what) : names.join(", ");
  return `left out: ${which} (${reason})`;
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
