import type { Evidence } from "../evidence/evidence.ts";
import type { Step } from "../plan/plan.ts";
import type { StepFailure } from "./outcome.ts";

/** What carries steps out: real helmfile, the simulated cluster, or a fake of a test. */
export interface Backend {
  /**
   * Runs one step and waits for its real end. Never rejects for what the step did: a failure is a value.
   * When the signal aborts, the step is asked to stop once, and the promise settles when it has.
   */
  run(step: Step, context: RunContext): Promise<BackendResult>;
  /** Runs a stage's own command (an argument array, never a shell string). */
  runCommand(command: readonly string[], context: RunContext): Promise<ProgramResult>;
  /** Milliseconds on the clock that durations are measured by: a monotonic or a virtual one. */
  now(): number;
  /** Resolves when so many milliseconds of that clock have passed, or early when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/**
 * What a backend is handed with a step or a command: how to hear that it shall stop, and where to tell what happens.
 */
export interface RunContext {
  readonly signal: AbortSignal;
  /** Takes each line of output, without its line end. */
  readonly output: (line: string) => void;
  /** Takes what was seen of the step's objects while it ran. */
  readonly notice?: (evidence: Evidence) => void;
  /** Takes what is done to a release before the step itself begins. */
  readonly mending?: (mending: Mending) => void;
}

/** A release that was left half done, and the command that brings it back to where a step can begin. */
export interface Mending {
  /** `namespace/name`. */
  readonly release: string;
  /** helm's word for how it was found, for example `pending-upgrade`. */
  readonly status: string;
  readonly command: readonly string[];
}

/** How a program ended. */
export type ProgramResult = { readonly ok: true } | { readonly ok: false; readonly failure: StepFailure };

/** How a step ended; `blocked`: it was not begun, for this reason. */
export type BackendResult = ProgramResult | { readonly ok: false; readonly blocked: string };
