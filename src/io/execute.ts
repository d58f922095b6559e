import type { Gate, Plan, Stage, Step } from "../core/plan/plan.ts";
import type { RolloutEvent, RolloutResult } from "../core/rollout/events.ts";
import { judgeGate } from "../core/rollout/gate-verdict.ts";
import {
  isDone,
  outcomeKinds,
  type StepOutcome,
  type Unsuccessful,
  withFewerLines,
} from "../core/rollout/outcome.ts";
import {
  gateForced,
  gateSkipped,
  gateStayedShut,
  interrupted,
  interruptedWhileItRan,
} from "../core/rollout/outcome-reasons.ts";
import type { Retry } from "../core/rollout/retry-policy.ts";
import { type Change, RolloutState } from "../core/rollout/rollout-state.ts";
import type { ExecuteOptions, GateJudgement, Permission } from "./execute-options.ts";
import { heardByMany } from "./heard-by-many.ts";
import { runStageCommand, type StageRollout } from "./stage-command.ts";

/**
 * Carries out a plan: each step as soon as what it waits for succeeded, `jobs` at a time; of those that may run, the
 * one with the longest way ahead where durations are expected, else in the plan's order. What waits for a failed step
 * is blocked, everything else goes on. Resolves when everything has ended, running steps included; it rejects only
 * for a bug.
 *
 * @example
 * const stop = new AbortController();
 * const on = (event: RolloutEvent) => console.log(event.type);
 * const result = await execute(plan, { backend, jobs: 8, signal: stop.signal, on });
 * const isDone = [...result.outcomes.values()].every(({ kind }) => kind === "succeeded");
 */
export function execute(plan: Plan, options: ExecuteOptions): Promise<RolloutResult> {
  return new Rollout(plan, options).run();
}

class Rollout {
  readonly #plan: Plan;
  readonly #options: ExecuteOptions;
  readonly #state: RolloutState;
  /** One for all steps: whoever listens to a signal keeps account of it. */
  readonly #signal: AbortSignal;
  readonly #commands = new Map<string, StepOutcome>();
  readonly #startedStages = new Set<string>();
  /** Whether a stage has begun that had something to do. */
  #hasBegun = false;
  /** How each gate ended that was judged, by its id. */
  readonly #gates = new Map<string, { readonly isOpen: boolean; readonly reason: string }>();
  /** How often a gate was judged, by its id. */
  readonly #rounds = new Map<string, number>();
  #awaited = 0;
  #stopped: string | undefined;
  #allEnded: () => void = () => {};
  /** What somebody who was asked or told threw. */
  #bug: { readonly error: unknown } | undefined;
  readonly #attempts = new Map<string, number>();
  /** How often a step was tried without anybody being asked, and how that ended last. */
  readonly #retried = new Map<string, { readonly tries: number; readonly outcome: Failed }>();
  /** Aborts when no further steps are taken: questions that still wait are not asked any more. */
  readonly #stopping = new AbortController();

  constructor(plan: Plan, options: ExecuteOptions) {
    // With fewer nothing would ever begin.
    if (!(options.jobs >= 1)) throw new RangeError(`jobs is at least 1, and not ${options.jobs}`);
    this.#plan = plan;
    this.#options = options;
    const { order, jobs, settled } = options;
    this.#state = new RolloutState(plan, { ...order, jobs, settled });
    // Every step that runs, or waits for its next try, listens.
    this.#signal = heardByMany(options.signal ?? new AbortController().signal);
    heardByMany(this.#stopping.signal);
  }

  async run(): Promise<RolloutResult> {
    const { backend, signal, halt, jobs } = this.#options;
    const started = backend.now();
    const onAbort = () => this.#stop(interrupted);
    const onHalt = () => this.#stop(String(halt?.reason));
    signal?.addEventListener("abort", onAbort, { once: true });
    halt?.addEventListener("abort", onHalt, { once: true });
    this.#emit({ type: "rollout-started", plan: this.#plan, jobs });
    if (signal?.aborted) onAbort();
    if (halt?.aborted) onHalt();
    await new Promise<void>((resolve) => {
      this.#allEnded = resolve;
      this.#advance();
    });
    this.#publish(this.#state.cancel(this.#stopped ?? "never became ready"));
    await this.#runCommands();
    signal?.removeEventListener("abort", onAbort);
    halt?.removeEventListener("abort", onHalt);
    const result: RolloutResult = {
      outcomes: this.#state.outcomes(),
      commands: this.#commands,
      gates: this.#gates,
      durationMs: backend.now() - started,
      ...(this.#stopped === undefined ? {} : { stopped: this.#stopped }),
    };
    this.#emit({ type: "rollout-finished", result });
    // Only now, when nothing runs any more that would be left behind.
    if (this.#bug) throw this.#bug.error;
    return result;
  }

  async #runCommands(): Promise<void> {
    const rollout: StageRollout = {
      plan: this.#plan,
      options: this.#options,
      state: this.#state,
      gates: this.#gates,
      stopSignal: this.#stopping.signal,
      stopped: () => this.#stopped,
      emit: (event) => this.#emit(event),
      context: (event) => this.#context(event),
    };
    for (const stage of this.#plan.stages) {
      if (!stage.run) continue;
      const outcome =
        this.#options.settledCommands?.get(stage.name) ??
        (await runStageCommand(stage, { command: stage.run, ...rollout }));
      this.#commands.set(stage.name, outcome);
      this.#emit({ type: "command-finished", stage, outcome });
    }
  }

  /** Starts whatever may start now, and ends the rollout when nothing can. */
  #advance(): void {
    if (this.#stopped === undefined) {
      // Which step is next is decided when a place is free, and not before.
      while (this.#state.running < this.#options.jobs) {
        const step = this.#state.take();
        if (!step) break;
        this.#guard(this.#runStep(step).catch((error: unknown) => this.#abandon(step, error)));
      }
      this.#admitStages();
    }
    this.#endIfIdle();
  }

  #admitStages(): void {
    const asks = this.#options.decide?.nextStage;
    const idle = this.#state.running === 0 && !this.#state.hasReadyStep() && this.#awaited === 0;
    const [next, ...others] = this.#state.waitingStages();
    if (!next || (asks && !idle)) return;
    // Without a question between stages, a free worker takes the next stage's work.
    const stages = asks ? [next] : [next, ...others];
    for (const stage of stages) {
      if (this.#startedStages.has(stage.name)) continue;
      this.#startedStages.add(stage.name);
      this.#afterwards(this.#mayBegin(stage), (permission) => {
        if (permission === "quit") return this.#stop("stopped by the operator");
        this.#emit({ type: "stage-started", stage });
        this.#state.admit(stage.name);
        if (!permission.proceed) this.#publish(this.#state.refuse(stage.name, permission.reason));
      });
    }
  }

  async #mayBegin(stage: Stage): Promise<Permission | "quit"> {
    const { nextStage, stageBefore } = this.#options.decide ?? {};
    const left = stage.steps.filter((id) => !this.#options.settled?.has(id) && !this.#state.outcome(id));
    const isNext = left.length > 0 && this.#hasBegun;
    if (left.length > 0) this.#hasBegun = true;
    if (isNext && nextStage && (await nextStage(stage, left)) === "quit") return "quit";
    return (await stageBefore?.(stage, this.#state.outcomes())) ?? { proceed: true };
  }

  async #runStep(step: Step): Promise<void> {
    const { backend, settled, signal } = this.#options;
    const known = settled?.get(step.id);
    if (known) return this.#finish(step, known);
    const attempt = (this.#attempts.get(step.id) ?? 0) + 1;
    this.#attempts.set(step.id, attempt);
    const started = backend.now();
    this.#emit({ type: "step-started", step, attempt });
    // Whoever was told of it may have stopped everything.
    if (this.#stopped !== undefined) return this.#finish(step, { kind: "cancelled", reason: this.#stopped });
    let hasMended = false;
    const result = await backend.run(step, {
      ...this.#context((line) => ({ type: "step-printed", step, line })),
      notice: (evidence) => this.#emit({ type: "step-noticed", step, evidence }),
      mending: (mending) => {
        hasMended = true;
        this.#emit({ type: "release-mending", step, ...mending });
      },
    });
    const durationMs = Math.round(backend.now() - started);
    if (result.ok) return this.#finish(step, { kind: "succeeded", durationMs });
    if (signal?.aborted) {
      const hasRun = hasMended || (!("blocked" in result) && result.failure.kind !== "spawn");
      if (hasRun) return this.#finish(step, { kind: "cancelled", reason: interruptedWhileItRan });
      const before = this.#retried.get(step.id)?.outcome;
      return this.#finish(step, before ?? { kind: "cancelled", reason: interrupted });
    }
    if ("blocked" in result) return this.#askAboutFailure(step, this.#blocked(step, result.blocked));
    const outcome: Failed = { kind: "failed", durationMs, failure: withFewerLines(result.failure) };
    const tries = (this.#retried.get(step.id)?.tries ?? 0) + 1;
    // It looks for the cause in more lines than the outcome keeps.
    const again = this.#stopped === undefined ? this.#options.retry?.(result.failure, tries) : undefined;
    if (!again) return this.#askAboutFailure(step, outcome);
    this.#retried.set(step.id, { tries, outcome });
    this.#retryLater(step, outcome, again);
  }

  /** A try that may not even begin does not hide why there was one before it. */
  #blocked(step: Step, reason: string): Unsuccessful {
    const before = this.#retried.get(step.id)?.outcome;
    if (!before) return { kind: "blocked", on: [], reason };
    return { ...before, failure: { ...before.failure, notTriedAgain: reason } };
  }

  /** The step takes no worker while it waits for its next try. */
  #retryLater(step: Step, outcome: Failed, retry: Retry): void {
    const { backend } = this.#options;
    this.#state.suspend(step.id);
    this.#emit({ type: "step-retrying", step, failure: outcome.failure, ...retry });
    this.#afterwards(backend.sleep(retry.afterMs, this.#stopping.signal), () => {
      if (this.#stopped === undefined) this.#state.resume(step.id);
      else this.#finish(step, outcome);
    });
  }

  /** The operator may take long to answer: the step's worker goes on meanwhile. */
  #askAboutFailure(step: Step, outcome: Unsuccessful): void {
    const { stepFailed } = this.#options.decide ?? {};
    if (!stepFailed || this.#stopped !== undefined) {
      this.#finish(step, outcome);
      return;
    }
    this.#state.suspend(step.id);
    const asked = stepFailed(step, outcome, this.#stopping.signal).catch((error: unknown) => {
      this.#giveUp(error);
      return "next" as const;
    });
    this.#afterwards(asked, (answer) => {
      // Whoever asks for it gets as many tries as at first.
      this.#retried.delete(step.id);
      if (answer === "retry" && this.#stopped === undefined) return this.#state.resume(step.id);
      if (answer === "quit") this.#stop("stopped by the operator");
      this.#finish(step, outcome);
    });
  }

  /** A backend says by a value what went wrong; if it throws, the step has ended all the same. */
  #abandon(step: Step, error: unknown): void {
    this.#giveUp(error);
    const failure = { kind: "other", message: `a bug in this program: ${error}` } as const;
    this.#finish(step, { kind: "failed", durationMs: 0, failure });
  }

  #finish(step: Step, outcome: StepOutcome): void {
    this.#retried.delete(step.id);
    this.#publish(this.#state.finish(step.id, outcome));
  }

  #publish(change: Change): void {
    for (const finished of change.finished) this.#emit({ type: "step-finished", ...finished });
    for (const stage of change.stages) this.#emit({ type: "stage-finished", stage });
    for (const gate of change.gates) {
      if (this.#stopped === undefined) this.#judgeThen(gate);
    }
  }

  async #judge(gate: Gate, isCurrent: () => boolean): Promise<Verdict> {
    const { decide, skipGates } = this.#options;
    const judgement = await this.#lookAtGate(gate, isCurrent);
    if (judgement.open) return { answer: "open", reason: judgement.reason };
    if (skipGates?.has(gate.stage)) return { answer: "open", reason: gateSkipped(judgement.reason) };
    const answer = (await decide?.gateShut?.(gate, judgement.reason, this.#stopping.signal)) ?? "shut";
    const { reason } = judgement;
    return { answer, reason: answer === "open" ? gateForced(reason) : reason };
  }

  /** Looks at the gate until it is open, or will not open any more, or nobody waits for it. */
  async #lookAtGate(gate: Gate, isCurrent: () => boolean): Promise<GateJudgement> {
    const { decide, backend, skipGates } = this.#options;
    const outcomes = this.#state.outcomes(gate.steps);
    const notCounted = this.#state.whyNotCounted(gate.steps);
    if (notCounted !== undefined && [...outcomes.values()].every(isDone))
      return { open: false, reason: notCounted };
    if (!decide?.gate) return judgeGate(gate.steps, outcomeKinds(outcomes));
    const began = backend.now();
    for (let told = ""; ; ) {
      const waitedMs = Math.round(backend.now() - began);
      const judgement = await decide.gate(gate, { outcomes, waitedMs });
      if (judgement.open || judgement.againInMs === undefined) return judgement;
      if (this.#stopped !== undefined || !isCurrent() || skipGates?.has(gate.stage)) return judgement;
      if (judgement.reason !== told) this.#emit({ type: "gate-waiting", gate, reason: judgement.reason });
      told = judgement.reason;
      await backend.sleep(judgement.againInMs, this.#stopping.signal);
    }
  }

  #applyVerdict(gate: Gate, { answer, reason }: Verdict): void {
    // What it holds is cancelled already, and what was seen last may only say that nobody looks any more.
    if (this.#stopped !== undefined) return;
    if (answer === "open") {
      this.#gates.set(gate.id, { isOpen: true, reason });
      this.#emit({ type: "gate-opened", gate, reason });
      this.#state.open(gate.id);
      return;
    }
    if (answer === "retry") {
      const missing = this.#state.missing(gate.steps);
      // Another gate has them tried again already: this one is judged when they end.
      if (missing.some((id) => this.#state.outcome(id) === undefined)) return;
      const { revived, gates } = this.#state.revive(missing);
      for (const again of gates) this.#judgeThen(again);
      if (revived) return;
      // Every step succeeded, and the gate is shut all the same: then it is only to be looked at again.
      if (missing.length === 0) {
        this.#judgeThen(gate);
        return;
      }
    }
    if (answer === "quit") this.#stop("stopped by the operator");
    this.#gates.set(gate.id, { isOpen: false, reason });
    this.#emit({ type: "gate-stayed-shut", gate, reason });
    this.#publish(this.#state.shut(gate.id, gateStayedShut([gate.stage], reason)));
  }

  #judgeThen(gate: Gate): void {
    const round = (this.#rounds.get(gate.id) ?? 0) + 1;
    this.#rounds.set(gate.id, round);
    const isCurrent = () => this.#rounds.get(gate.id) === round;
    this.#afterwards(this.#judge(gate, isCurrent), (verdict) => {
      // Its steps have been tried again since: the verdict is about what is no more.
      if (isCurrent()) this.#applyVerdict(gate, verdict);
    });
  }

  #context(event: (line: string) => RolloutEvent) {
    return { signal: this.#signal, output: (line: string) => this.#emit(event(line)) };
  }

  #stop(reason: string): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = reason;
    this.#stopping.abort();
    this.#emit({ type: "rollout-stopping", reason, running: this.#state.runningSteps() });
    this.#publish(this.#state.cancel(reason));
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    if (this.#state.running === 0 && this.#awaited === 0) this.#allEnded();
  }

  /** Keeps the rollout from ending while somebody is asked, or something is waited for. */
  #afterwards<Answer>(question: Promise<Answer>, then: (answer: Answer) => void): void {
    this.#awaited += 1;
    const answered = question.then(
      (answer) => {
        // In one turn with what follows from the answer: in between, nothing would seem to be left to wait for.
        this.#awaited -= 1;
        then(answer);
      },
      (error: unknown) => {
        this.#awaited -= 1;
        this.#giveUp(error);
      },
    );
    this.#guard(answered);
  }

  #guard(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#giveUp(error)).then(() => this.#advance());
  }

  #emit(event: RolloutEvent): void {
    try {
      this.#options.on?.(event);
    } catch (error) {
      this.#giveUp(error);
    }
  }

  /** A bug must not leave behind what runs: nothing more is begun, and the error is thrown at the end. */
  #giveUp(error: unknown): void {
    this.#bug ??= { error };
    this.#stop("a bug in this program");
  }
}

type Failed = Extract<StepOutcome, { kind: "failed" }>;

interface Verdict {
  readonly answer: "open" | "shut" | "retry" | "quit";
  readonly reason: string;
}
