import type { Plan, Stage } from "../core/plan/plan.ts";
import type { RunContext } from "../core/rollout/backend.ts";
import type { RolloutEvent, RolloutResult } from "../core/rollout/events.ts";
import { type StepOutcome, withFewerLines } from "../core/rollout/outcome.ts";
import { gateStayedShut, interruptedWhileItRan, notWanted } from "../core/rollout/outcome-reasons.ts";
import type { RolloutState } from "../core/rollout/rollout-state.ts";
import type { ExecuteOptions, Permission } from "./execute-options.ts";

/** What of a rollout the command of one of its stages has to do with. */
export interface StageRollout {
  readonly plan: Plan;
  readonly options: ExecuteOptions;
  readonly state: RolloutState;
  /** How the gates ended that were judged, by their ids. */
  readonly gates: NonNullable<RolloutResult["gates"]>;
  /** Aborts when nothing more is begun. */
  readonly stopSignal: AbortSignal;
  /** Why nothing more is begun; undefined while something is. */
  readonly stopped: () => string | undefined;
  readonly emit: (event: RolloutEvent) => void;
  /** What the command runs with; each line of its output becomes an event. */
  readonly context: (event: (line: string) => RolloutEvent) => RunContext;
}

interface StageCommand extends StageRollout {
  readonly command: readonly string[];
}

/** Carries out a stage by its own command, once it may begin: its gates are open, and nobody refuses it. */
export async function runStageCommand(stage: Stage, rollout: StageCommand): Promise<StepOutcome> {
  return (await whyNotRun(stage, rollout)) ?? (await handOver(stage, rollout));
}

/** How long what was found before a question counts, in milliseconds. */
const staleAfterMs = 60_000;

async function whyNotRun(stage: Stage, rollout: StageCommand): Promise<StepOutcome | undefined> {
  const { options, stopped } = rollout;
  const cancelled = () => {
    const reason = stopped();
    return reason === undefined ? undefined : ({ kind: "cancelled", reason } as const);
  };
  const refused = cancelled() ?? heldByGates(stage, rollout);
  if (refused) return refused;
  for (;;) {
    const permission = await mayRun(stage, rollout);
    const stoppedNow = cancelled();
    if (stoppedNow) return stoppedNow;
    if (permission === "wanted") return undefined;
    if (!permission.proceed) return { kind: "blocked", on: [], reason: permission.reason };
    const asked = options.backend.now();
    const answer = await options.decide?.command?.(stage);
    const stoppedMeanwhile = cancelled();
    if (stoppedMeanwhile) return stoppedMeanwhile;
    if (answer === "skip") return { kind: "skipped", reason: notWanted };
    // An answer may come hours later, and what was found before is no longer true then.
    if (options.backend.now() - asked < staleAfterMs) return undefined;
  }
}

function heldByGates(stage: Stage, { plan, state, gates: judged }: StageCommand): StepOutcome | undefined {
  const closed = (stage.runAfter ?? []).filter((gate) => !state.isOpen(gate));
  if (closed.length === 0) return undefined;
  const gates = plan.gates.filter((gate) => closed.includes(gate.id));
  const on = state.blockedOn(gates.flatMap((gate) => gate.steps));
  const reasons = closed.map((id) => judged.get(id)?.reason ?? "never judged");
  const stages = gates.map((gate) => gate.stage);
  return { kind: "blocked", on, reason: gateStayedShut(stages, reasons.join("; ")) };
}

/** Whether the command may begin, once nobody wants to look again; `wanted` where the operator insists. */
async function mayRun(stage: Stage, rollout: StageCommand): Promise<Permission | "wanted"> {
  const { options, state, stopped, stopSignal, emit } = rollout;
  const { decide, skipGates } = options;
  for (;;) {
    const permission = (await decide?.stageBefore?.(stage, state.outcomes())) ?? { proceed: true };
    if (permission.proceed || stopped() !== undefined) return permission;
    const { reason } = permission;
    if (skipGates?.has(stage.name)) {
      emit({ type: "command-allowed", stage, reason });
      return { proceed: true };
    }
    const answer = (await decide?.commandRefused?.(stage, reason, stopSignal)) ?? "skip";
    if (answer === "skip" || stopped() !== undefined) return permission;
    if (answer === "go") {
      emit({ type: "command-allowed", stage, reason });
      return "wanted";
    }
  }
}

async function handOver(stage: Stage, rollout: StageCommand): Promise<StepOutcome> {
  const { command, options, emit, context, stopped } = rollout;
  const { backend, signal } = options;
  emit({ type: "stage-started", stage });
  emit({ type: "command-started", stage, command });
  // Whoever was told of it may have stopped everything.
  const reason = stopped();
  if (reason !== undefined) return { kind: "cancelled", reason };
  const started = backend.now();
  const result = await backend.runCommand(
    command,
    context((line) => ({ type: "command-printed", stage, line })),
  );
  const durationMs = Math.round(backend.now() - started);
  if (result.ok) return { kind: "succeeded", durationMs };
  if (signal?.aborted) return { kind: "cancelled", reason: interruptedWhileItRan };
  return { kind: "failed", durationMs, failure: withFewerLines(result.failure) };
}
