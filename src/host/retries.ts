import type { StepFailure } from "../core/rollout/outcome.ts";
import { type Retry, retryOf } from "../core/rollout/retry-policy.ts";
import type { Settings } from "./settings.ts";

/** Whether what failed for the `tried`th time is tried again, as often as the command line says, and when. */
export function retriesBy({ tries }: Settings): (failure: StepFailure, tried: number) => Retry | undefined {
  return (failure, tried) => retryOf(failure, tried, { tries, random: Math.random });
}
