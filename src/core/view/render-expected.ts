import { counted, renderDuration, renderTable } from "../common/words.ts";
import type { Plan } from "../plan/plan.ts";
import { type ExpectedDuration, unknownReleaseMs } from "../rollout/durations.ts";
import type { ExpectedRollout } from "../rollout/expected-rollout.ts";

/** So many steps of the longest way are shown, first and last ones; the others are counted. */
const shownSteps = 12;

/**
 * How long a plan will probably take, for people: the time, how it is known, and the steps that make it so long.
 *
 * @param options.diffs diffs are shown before, and only what changes is deployed
 */
export function renderExpected(
  plan: Plan,
  expected: ExpectedRollout,
  { diffs }: { readonly diffs: boolean },
): string {
  const { makespanMs, runs, steps, jobs, jobsPerNamespace } = expected;
  const all = Object.values(steps);
  if (all.length === 0) return "";
  const room = jobsPerNamespace === undefined ? "" : ` (${jobsPerNamespace} in a namespace)`;
  const time = `${renderDuration(makespanMs)} with ${counted(jobs, "job")}${room}`;
  const condition = diffs ? ", if every step changes something" : "";
  const guessed = all.filter(({ from }) => from === "constant").length;
  return [
    `expected to take ${time}${condition}; ${notCounted(plan, diffs)} not counted`,
    knownFrom(plan, { runs, guessed, all: all.length }),
    ...renderCriticalPath(expected, { saysHow: guessed < all.length }),
  ].join("\n");
}

/** How much of the time left, or of a plan, is no more than a guess: runs that measured none of it are not named. */
export function knownFromRuns(runs: number, { guessed, all }: { guessed: number; all: number }): string {
  if (guessed === all) return "a guess";
  const known = `by the durations of ${counted(runs, "earlier run")}`;
  return guessed === 0 ? known : `${known}; ${counted(guessed, "step")} guessed`;
}

function notCounted({ stages }: Plan, diffs: boolean): string {
  const commands = stages.flatMap(({ run, name }) => (run ? [`the command of ${name}`] : []));
  const aside = [...(diffs ? ["diffs"] : []), "questions", ...commands];
  const last = aside.pop();
  return aside.length === 0 ? `${last} are` : `${aside.join(", ")} and ${last} are`;
}

function knownFrom(
  { environment }: Plan,
  { runs, guessed, all }: { readonly runs: number; readonly guessed: number; readonly all: number },
): string {
  const constant = `${unknownReleaseMs / 1000} s for each release`;
  if (runs === 0) return `a guess: no earlier run of ${environment} is known, so it counts ${constant}`;
  if (guessed === all)
    return `a guess: no earlier run of ${environment} measured any of these steps, so it counts ${constant}`;
  const known = knownFromRuns(runs, { guessed: 0, all });
  return guessed === 0 ? known : `${known}; a guess (${constant}) for ${guessed} of ${counted(all, "step")}`;
}

function renderCriticalPath(
  { criticalPath }: ExpectedRollout,
  { saysHow }: { readonly saysHow: boolean },
): string[] {
  const total = criticalPath.reduce((sum, { ms }) => sum + ms, 0);
  const row = ({ step, ms, from }: (typeof criticalPath)[number]) => [
    `  ${step}`,
    renderDuration(ms),
    saysHow ? basis[from] : "",
  ];
  const long = criticalPath.length > shownSteps;
  const head = long ? criticalPath.slice(0, shownSteps / 2) : criticalPath;
  const tail = long ? criticalPath.slice(-shownSteps / 2) : [];
  const left = criticalPath.slice(head.length, criticalPath.length - tail.length);
  const leftMs = left.reduce((sum, { ms }) => sum + ms, 0);
  const more = long ? [[`  … ${counted(left.length, "more step")}`, renderDuration(leftMs)]] : [];
  return [
    "",
    `critical path, ${renderDuration(total)} however many jobs:`,
    ...renderTable([...head.map(row), ...more, ...tail.map(row)]),
  ];
}

/** How a duration is known, for people. */
export const basis: Readonly<Record<ExpectedDuration["from"], string>> = {
  step: "measured",
  releases: "by its releases in other steps",
  chart: "by other releases of its chart",
  constant: "a guess",
};
