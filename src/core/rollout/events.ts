import type { Evidence } from "../evidence/evidence.ts";
import type { Gate, Plan, Stage, Step } from "../plan/plan.ts";
import type { Mending } from "./backend.ts";
import type { StepFailure, StepOutcome } from "./outcome.ts";

/** What happens in a rollout, in the past tense, in order. Sinks print, write or keep them. */
export type RolloutEvent =
  | { readonly type: "rollout-started"; readonly plan: Plan; readonly jobs: number }
  | { readonly type: "stage-started"; readonly stage: Stage }
  | { readonly type: "step-started"; readonly step: Step; readonly attempt: number }
  | { readonly type: "step-printed"; readonly step: Step; readonly line: string }
  | { readonly type: "step-noticed"; readonly step: Step; readonly evidence: Evidence }
  /** It failed, and is tried again by itself, as a second try can mend that; `reason` is one line for people. */
  | {
      readonly type: "step-retrying";
      readonly step: Step;
      readonly failure: StepFailure;
      readonly reason: string;
      readonly afterMs: number;
    }
  /** A release of the step was left half done before it began, and is brought back by this command first. */
  | ({ readonly type: "release-mending"; readonly step: Step } & Mending)
  | { readonly type: "step-finished"; readonly step: Step; readonly outcome: StepOutcome }
  /** It is not open yet, and is looked at again; told when it begins to wait and whenever the reason changes. */
  | { readonly type: "gate-waiting"; readonly gate: Gate; readonly reason: string }
  | { readonly type: "gate-opened"; readonly gate: Gate; readonly reason: string }
  | { readonly type: "gate-stayed-shut"; readonly gate: Gate; readonly reason: string }
  /** The operator wants it although something stands in the way. */
  | { readonly type: "command-allowed"; readonly stage: Stage; readonly reason: string }
  | { readonly type: "command-started"; readonly stage: Stage; readonly command: readonly string[] }
  | { readonly type: "command-printed"; readonly stage: Stage; readonly line: string }
  | { readonly type: "command-finished"; readonly stage: Stage; readonly outcome: StepOutcome }
  | { readonly type: "stage-finished"; readonly stage: Stage }
  | { readonly type: "rollout-stopping"; readonly reason: string; readonly running: readonly Step[] }
  | { readonly type: "rollout-finished"; readonly result: RolloutResult };

/** How a rollout ended: the outcome of every step, and of the command of a stage that has one. */
export interface RolloutResult {
  readonly outcomes: ReadonlyMap<string, StepOutcome>;
  /** By the name of the stage. */
  readonly commands: ReadonlyMap<string, StepOutcome>;
  /** How each gate was last judged, by its id; those that nobody came to are not in it. */
  readonly gates?: ReadonlyMap<string, { readonly isOpen: boolean; readonly reason: string }>;
  readonly durationMs: number;
  /** Why no further steps were taken; absent where the rollout came to its end. */
  readonly stopped?: string;
}
