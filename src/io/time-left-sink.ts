import { counted } from "../core/common/words.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { RolloutEvent } from "../core/rollout/events.ts";
import { ObservedProgress } from "../core/rollout/observed-progress.ts";
import type { StepOutcome } from "../core/rollout/outcome.ts";
import { type Forecast, renderTimeLeft, timeLeft } from "../core/rollout/time-left.ts";
import { knownFromRuns } from "../core/view/render-expected.ts";

export interface TimeLeftOptions {
  readonly plan: Plan;
  readonly forecast: Forecast;
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

function describeTimeLeft(progress: ObservedProgress, { plan, forecast, now }: TimeLeftOptions): string {
  const stands = progress.at(now());
  const { durations, runs } = forecast;
  const left = plan.steps.filter(({ id }) => !stands.ended.has(id));
  const guessed = left.filter(({ id }) => durations.get(id)?.from === "constant").length;
  const known = knownFromRuns(runs, { guessed, all: left.length });
  const ended = `${stands.ended.size} of ${counted(plan.steps.length, "step")} ended`;
  return `${ended}, ${renderTimeLeft(timeLeft(plan, stands, forecast))} (${known})`;
}
