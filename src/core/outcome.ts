/** How a step ended. Whatever did not run says why. */
export type StepOutcome =
  | { readonly kind: "succeeded"; readonly durationMs: number }
  | { readonly kind: "failed"; readonly durationMs: number; readonly failure: StepFailure }
  /** Something that it waits for did not succeed, or a gate before it stayed shut. */
  | { readonly kind: "blocked"; readonly on: readonly string[]; readonly reason: string }
  /** Nothing to do, or not wanted. */
  | { readonly kind: "skipped"; readonly reason: string }
  /** The rollout was stopped before the step began, or while it ran. */
  | { readonly kind: "cancelled"; readonly reason: string };

/** Why a step failed: not started, ended by a signal, and ended with an exit code are three different things. */
export type StepFailure =
  | { readonly kind: "exit"; readonly exitCode: number; readonly lastLines: readonly string[] }
  | { readonly kind: "signal"; readonly signal: string; readonly lastLines: readonly string[] }
  | { readonly kind: "spawn"; readonly message: string };

/** One line that says why a step failed. */
export function describeFailure(failure: StepFailure): string {
  switch (failure.kind) {
    case "exit":
      return `exit code ${failure.exitCode}${lastWords(failure.lastLines)}`;
    case "signal":
      return `ended by ${failure.signal}${lastWords(failure.lastLines)}`;
    case "spawn":
      return `could not be started: ${failure.message}`;
  }
}

function lastWords(lines: readonly string[]): string {
  const last = lines.findLast((line) => line.trim() !== "");
  return last === undefined ? "" : `: ${last.trim()}`;
}
