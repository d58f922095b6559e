import type { Durations } from "../core/durations.ts";
import type { RolloutEvent } from "../core/events.ts";
import { ObservedProgress } from "../core/observed-progress.ts";
import type { StepOutcome } from "../core/outcome.ts";
import type { Plan } from "../core/plan.ts";
import { knownFromRuns } from "../core/render-expected.ts";
import { counted } from "../core/report.ts";
import { type ScheduleOptions, simulateSchedule } from "../core/schedule-simulation.ts";

export interface TimeLeftOptions {
  readonly plan: Plan;
  /** What the steps take by earlier runs, and how many those are. */
  readonly expected: { readonly durations: Durations; readonly runs: number };
  /** As the rollout itself goes by them. */
  readonly schedule: Omit<ScheduleOptions, "progress" | "expected">;
  /** How steps end that do not run. */
  readonly settled: ReadonlyMap<string, StepOutcome>;
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number;
  readonly tell: (line: string) => void;
}

/** How often it is told at most, stages that end aside: in milliseconds. */
const everyMs = 60_000;

/**
 * Tells how much of a rollout is left: when a stage has ended, and when a step has and nothing was told for a minute.
 * Once nothing more is begun it is silent: what runs then is told by name.
 */
export function timeLeftSink(options: TimeLeftOptions): { readonly on: (event: RolloutEvent) => void } {
  const { plan, now, tell } = options;
  const progress = new ObservedProgress(options.settled);
  let told = { at: now(), ended: progress.ended };
  let stopping = false;
  return {
    on: (event) => {
      progress.on(event, now());
      if (event.type === "rollout-stopping") stopping = true;
      if (stopping || (event.type !== "step-finished" && event.type !== "stage-finished")) return;
      if (event.type === "step-finished" && now() - told.at < everyMs) return;
      // Of several stages that end at once, one is enough.
      if (progress.ended === told.ended || progress.ended >= plan.steps.length) return;
      told = { at: now(), ended: progress.ended };
      tell(describeTimeLeft(progress, options));
    },
  };
}

function describeTimeLeft(
  progress: ObservedProgress,
  { plan, expected: { durations, runs }, schedule, now }: TimeLeftOptions,
): string {
  const stands = progress.at(now());
  const { makespanMs } = simulateSchedule(plan, durations, { ...schedule, progress: stands });
  const guessed = plan.steps.filter(
    ({ id }) => !stands.ended.has(id) && durations.get(id)?.from === "constant",
  ).length;
  const ended = `${stands.ended.size} of ${counted(plan.steps.length, "step")} ended`;
  return `${ended}, ${renderTimeLeft(makespanMs)} (${knownFromRuns(runs, guessed)})`;
}

/** As exact as it is known. */
function renderTimeLeft(ms: number): string {
  // What runs has outlived what was expected, and nothing comes behind it.
  if (ms === 0) return "and what runs takes longer than expected";
  const minutes = Math.round(ms / 60_000);
  if (minutes === 0) return "less than a minute left";
  if (minutes < 60) return `about ${minutes} min left`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}
