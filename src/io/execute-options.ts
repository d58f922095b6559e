import type { Gate, Stage, Step } from "../core/plan/plan.ts";
import type { Backend } from "../core/rollout/backend.ts";
import type { RolloutEvent } from "../core/rollout/events.ts";
import type { StepFailure, StepOutcome, Unsuccessful } from "../core/rollout/outcome.ts";
import type { Retry } from "../core/rollout/retry-policy.ts";
import type { OrderOptions } from "../core/rollout/rollout-order.ts";
import type { QueueLimits } from "../core/rollout/rollout-queue.ts";

/** What carries a plan out, how much at a time, and who is told and asked. */
export interface ExecuteOptions {
  /** What runs the steps and the commands of stages. */
  readonly backend: Backend;
  /** How many steps run side by side, at least 1. */
  readonly jobs: number;
  /** What decides which step goes first, and how many in one namespace. @default the plan's order, and no limit */
  readonly order?: OrderOptions & Pick<QueueLimits, "jobsPerNamespace">;
  /** Aborted: no new steps, and what runs is asked to stop. @default never aborted */
  readonly signal?: AbortSignal;
  /** Aborted, with the reason in words: no new steps; what runs goes on to its end. @default never aborted */
  readonly halt?: AbortSignal;
  /** Stages whose gates are opened, and whose commands run, although what they wait for is not there. @default none */
  readonly skipGates?: ReadonlySet<string>;
  /** Steps that do not run because how they ended is known already, by id. @default none */
  readonly settled?: ReadonlyMap<string, StepOutcome>;
  /** Commands of stages that do not run because how they ended is known already, by the stage's name. @default none */
  readonly settledCommands?: ReadonlyMap<string, StepOutcome>;
  /**
   * Whether a step that failed is tried again without asking anybody, and when. `tries` counts from 1, and anew when
   * the operator has it tried again. @default never
   */
  readonly retry?: (failure: StepFailure, tries: number) => Retry | undefined;
  /** Is told everything that happens, in order. @default nobody is told */
  readonly on?: (event: RolloutEvent) => void;
  /** What the operator or a plugin decides on the way. @default the rollout goes on by itself */
  readonly decide?: Decisions;
}

/** What is decided while a plan runs, by an operator, a plugin, or a program. */
export interface Decisions {
  /** May the stage begin? Asked before its first step, and before its command. */
  readonly stageBefore?: (stage: Stage, outcomes: ReadonlyMap<string, StepOutcome>) => Promise<Permission>;
  /**
   * Is the gate open? Asked when its steps have ended, and again where the answer says so.
   * @default open if all of its steps succeeded
   */
  readonly gate?: (gate: Gate, asked: GateQuestion) => Promise<GateJudgement>;
  /**
   * A step failed, or could not begin, and is not tried again by itself. The signal aborts when the answer does not
   * matter any more. @default `next`
   */
  readonly stepFailed?: (
    step: Step,
    outcome: Unsuccessful,
    signal: AbortSignal,
  ) => Promise<"retry" | "next" | "quit">;
  /** A gate stayed shut. The signal is as with `stepFailed`. @default what it holds is blocked */
  readonly gateShut?: (gate: Gate, reason: string, signal: AbortSignal) => Promise<"retry" | "open" | "quit">;
  /**
   * If given, stages run one after the other, and it is asked before each in which anything is left to do, but for the first
   * of them; `left` are the ids of the steps that are left.
   */
  readonly nextStage?: (stage: Stage, left: readonly string[]) => Promise<"go" | "quit">;
  /** The stage's own command may not run, by `stageBefore`. The signal is as with `stepFailed`. @default `skip` */
  readonly commandRefused?: (
    stage: Stage,
    reason: string,
    signal: AbortSignal,
  ) => Promise<"retry" | "go" | "skip">;
  /** Shall the stage's own command run? @default yes */
  readonly command?: (stage: Stage) => Promise<"go" | "skip">;
}

/** What is known when a gate is asked about. */
export interface GateQuestion {
  /** How the gate's steps ended. */
  readonly outcomes: ReadonlyMap<string, StepOutcome>;
  /** Milliseconds on the backend's clock since it was asked first; 0 then. */
  readonly waitedMs: number;
}

/** Whether a gate is open, why, and when it is worth asking again. */
export interface GateJudgement {
  readonly open: boolean;
  readonly reason: string;
  /** It may open yet: ask again after so many milliseconds. */
  readonly againInMs?: number;
}

/** Whether a stage may begin; if not, the reason is told. */
export type Permission = { readonly proceed: true } | { readonly proceed: false; readonly reason: string };
