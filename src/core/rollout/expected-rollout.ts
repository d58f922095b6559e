import type { Plan } from "../plan/plan.ts";
import type { Durations, ExpectedDuration } from "./durations.ts";
import { criticalPath } from "./expected-critical-path.ts";
import { type ScheduleOptions, simulateSchedule } from "./schedule-simulation.ts";

/** How long a plan will probably take, in milliseconds; the key `expected` in the JSON of the verb `plan`. */
export interface ExpectedRollout {
  /** From the first step to the last; what is asked meanwhile, and commands of stages, are not in it. */
  readonly makespanMs: number;
  readonly jobs: number;
  readonly jobsPerNamespace?: number;
  /** Whether a stage begins only when the one before has ended. */
  readonly stagesInTurn: boolean;
  /** How many earlier runs it is known from. */
  readonly runs: number;
  /** The steps that wait for each other longest, in their order: no number of jobs is faster than they are. */
  readonly criticalPath: readonly ({ readonly step: string } & ExpectedDuration)[];
  /** By step id. */
  readonly steps: Readonly<Record<string, ExpectedDuration>>;
}

/** @param known what the steps take, and how many runs say so */
export function expectRollout(
  plan: Plan,
  { durations, runs }: { readonly durations: Durations; readonly runs: number },
  options: ScheduleOptions,
): ExpectedRollout {
  const { jobs, jobsPerNamespace, stagesInTurn = false } = options;
  const rounded = new Map([...durations].map(([id, { ms, from }]) => [id, { ms: Math.round(ms), from }]));
  return {
    makespanMs: simulateSchedule(plan, rounded, options).makespanMs,
    jobs,
    ...(jobsPerNamespace === undefined ? {} : { jobsPerNamespace }),
    stagesInTurn,
    runs,
    criticalPath: criticalPath(plan, rounded, options).steps.flatMap((step) => {
      const expected = rounded.get(step);
      return expected ? [{ step, ...expected }] : [];
    }),
    steps: Object.fromEntries(rounded),
  };
}
