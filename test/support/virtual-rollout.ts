import type { Gate, Step } from "../../src/core/plan/plan.ts";
import type { Durations } from "../../src/core/rollout/durations.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { isDone } from "../../src/core/rollout/outcome.ts";
import type { Change, RolloutState } from "../../src/core/rollout/rollout-state.ts";
import type { Fate } from "./random-plan.ts";

export interface Begin {
  readonly id: string;
  readonly at: number;
  /** What ran at that moment, the step itself included. */
  readonly running: readonly Step[];
  /** What it waits for that had not succeeded then. */
  readonly missing: readonly string[];
}

/**
 * Drives a rollout in virtual time until nothing runs and nothing can. All that happens at one moment happens before
 * anything is taken; a gate opens if all of its steps succeeded.
 */
export function driveRollout(
  state: RolloutState,
  options: {
    readonly durations: Durations;
    readonly jobs: number;
    readonly gateMs?: number;
    readonly fates?: ReadonlyMap<string, Fate>;
    /** Gates to be judged at the beginning. */
    readonly gates?: readonly Gate[];
  },
): Begin[] {
  const { durations, jobs, gateMs = 0, fates } = options;
  const begun: Begin[] = [];
  const pending: { at: number; happens: () => void }[] = [];
  const tried = new Set<string>();
  let now = 0;
  const later = (ms: number, happens: () => void) => pending.push({ at: now + ms, happens });
  const follow = (change: Change) => {
    for (const gate of change.gates) later(gateMs, () => judge(gate));
  };
  const judge = (gate: Gate) => {
    if (gate.steps.every((id) => isDone(state.outcome(id)))) state.open(gate.id);
    else follow(state.shut(gate.id, "not all of its steps succeeded"));
  };
  const end = (step: Step) => {
    const fate = tried.has(step.id) && fates?.get(step.id) !== "fails" ? "succeeds" : fates?.get(step.id);
    tried.add(step.id);
    if (fate === "succeeds when tried again") {
      state.suspend(step.id);
      later(1, () => state.resume(step.id));
    } else follow(state.finish(step.id, outcomeOf(fate)));
  };
  const takeAll = () => {
    while (state.running < jobs) {
      const step = state.take();
      if (!step) return;
      const missing = step.after.filter((id) => !isDone(state.outcome(id)));
      begun.push({ id: step.id, at: now, running: state.runningSteps(), missing });
      later(durations.get(step.id)?.ms ?? 0, () => end(step));
    }
  };
  for (const gate of options.gates ?? []) later(gateMs, () => judge(gate));
  takeAll();
  while (pending.length > 0) {
    now = Math.min(...pending.map(({ at }) => at));
    for (let at = nextAt(); at >= 0; at = nextAt())
      for (const { happens } of pending.splice(at, 1)) happens();
    takeAll();
  }
  return begun;

  function nextAt(): number {
    return pending.findIndex(({ at }) => at === now);
  }
}

function outcomeOf(fate: Fate | undefined): StepOutcome {
  if (fate === "has nothing to do") return { kind: "skipped", reason: "nothing to do" };
  if (fate !== "fails") return { kind: "succeeded", durationMs: 0 };
  return { kind: "failed", durationMs: 0, failure: { kind: "exit", exitCode: 1, lastLines: [] } };
}
