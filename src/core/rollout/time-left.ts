import type { Plan } from "../plan/plan.ts";
import type { Durations } from "./durations.ts";
import { type RolloutProgress, type ScheduleOptions, simulateSchedule } from "./schedule-simulation.ts";

/** What is known beforehand of how a rollout will go. */
export interface Forecast {
  /** What the steps take by earlier runs, and how many those are. */
  readonly durations: Durations;
  readonly runs: number;
  /** As the rollout itself goes by them. */
  readonly schedule: Omit<ScheduleOptions, "progress" | "expected">;
}

/** How long a rollout that stands so will probably take from now on, in milliseconds. */
export function timeLeft(plan: Plan, progress: RolloutProgress, forecast: Forecast): number {
  return simulateSchedule(plan, forecast.durations, { ...forecast.schedule, progress }).makespanMs;
}

/** As exact as it is known, to stand behind a comma. */
export function renderTimeLeft(ms: number): string {
  // What runs has outlived what was expected, and nothing comes behind it.
  if (ms === 0) return "and what runs takes longer than expected";
  const minutes = Math.round(ms / 60_000);
  if (minutes === 0) return "less than a minute left";
  if (minutes < 60) return `about ${minutes} min left`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}
