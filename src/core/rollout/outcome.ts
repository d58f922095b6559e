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

/** How a step ended that the operator may be asked about: it was tried and failed, or could not begin. */
export type Unsuccessful = Extract<StepOutcome, { kind: "failed" | "blocked" }>;

/**
 * Why a step failed: an exit code, a signal (`signal`: it ran, and was killed), and that it could not be started (`spawn`) are
 * three different things. `other` is none of them: helmfile ended well and left releases half done, or a bug in this program.
 */
export type StepFailure = (
  | { readonly kind: "exit"; readonly exitCode: number; readonly lastLines: readonly string[] }
  | { readonly kind: "signal"; readonly signal: string; readonly lastLines: readonly string[] }
  | { readonly kind: "spawn"; readonly message: string }
  | { readonly kind: "other"; readonly message: string }
) & {
  /** What was seen in the cluster that shows that no restart mends it, in lines for people: then it is not tried again. */
  readonly evidence?: readonly string[];
  /** It was to be tried again, and this kept the next try from beginning: one line for people. */
  readonly notTriedAgain?: string;
};

/** Whether what waits for a step that ended so may go on: it succeeded, or there was nothing to do. */
export function isDoneKind(kind: string | undefined): boolean {
  return kind === "succeeded" || kind === "skipped";
}

/** The same of an outcome; not while there is none. */
export function isDone(outcome: StepOutcome | undefined): boolean {
  return isDoneKind(outcome?.kind);
}

/** Whether it was killed: what a helm leaves pending then, no other helm touches. */
export function wasKilled(outcome: StepOutcome): boolean {
  return outcome.kind === "failed" && outcome.failure.kind === "signal";
}

/** How each step ended, by its id, without the particulars. */
export function outcomeKinds(
  outcomes: ReadonlyMap<string, StepOutcome>,
): Readonly<Record<string, StepOutcome["kind"]>> {
  return Object.fromEntries([...outcomes].map(([id, { kind }]) => [id, kind]));
}

/** How many of them ended how, in the order in which each kind comes first. */
export function countByKind(outcomes: Iterable<StepOutcome>): ReadonlyMap<StepOutcome["kind"], number> {
  const counts = new Map<StepOutcome["kind"], number>();
  for (const { kind } of outcomes) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** How many of the last lines of output the outcome of a step keeps. */
const linesInOutcome = 40;

/** Without the lines that only whoever looks for the cause needs: there may be as many outcomes as steps. */
export function withFewerLines(failure: StepFailure): StepFailure {
  if (!("lastLines" in failure) || failure.lastLines.length <= linesInOutcome) return failure;
  return { ...failure, lastLines: failure.lastLines.slice(-linesInOutcome) };
}
