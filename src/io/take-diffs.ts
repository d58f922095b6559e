import { setTimeout as sleep } from "node:timers/promises";
import PQueue from "p-queue";
import type { Plan, Step } from "../core/plan/plan.ts";
import { diffArguments } from "../core/plan/step-arguments.ts";
import type { StepDiff } from "../core/rollout/diff-result.ts";
import { type StepFailure, withFewerLines } from "../core/rollout/outcome.ts";
import type { Retry } from "../core/rollout/retry-policy.ts";
import { helmfileEnvironment, stepEnvironment } from "./helmfile.ts";
import { runProgram } from "./run-program.ts";

/** How many lines of one step's diff are kept. */
const linesOfDiff = 20_000;

/** Takes the diffs of all steps, `jobs` at a time. The answer is in the plan's order. */
export async function takeDiffs(
  plan: Plan,
  options: DiffOptions & { readonly jobs: number; readonly on: (diff: StepDiff) => void },
): Promise<readonly StepDiff[]> {
  const queue = new PQueue({ concurrency: options.jobs });
  return Promise.all(
    plan.steps.map((step) =>
      queue.add(async () => {
        // It is to be synced because nothing of it exists: on a fresh cluster a diff can fail where that works.
        const isNew = step.action === "sync" && !options.signal.aborted;
        const diff = isNew ? newStep(step) : await takeDiff(step, options);
        if (!options.signal.aborted) options.on(diff);
        return diff;
      }),
    ),
  );
}

function newStep(step: Step): StepDiff {
  return { step, lines: [], kind: "new" };
}

export interface DiffOptions {
  /** The operator's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Whether a diff that failed is taken again, and when; `tries` counts from 1. @default never */
  readonly retry?: (failure: StepFailure, tries: number) => Retry | undefined;
  /** Told when one will be taken again. */
  readonly onRetry?: (step: Step, retry: Retry) => void;
}

/** What one step would change now. */
export async function takeDiff(step: Step, options: DiffOptions): Promise<StepDiff> {
  const { signal, retry, onRetry } = options;
  for (let tries = 1; ; tries += 1) {
    const diff = await runDiff(step, options);
    if (diff.kind !== "failed") return diff;
    const again = signal.aborted ? undefined : retry?.(diff.failure, tries);
    if (!again) return { ...diff, failure: withFewerLines(diff.failure) };
    onRetry?.(step, again);
    await sleep(again.afterMs, undefined, { signal }).catch(() => undefined);
  }
}

async function runDiff(step: Step, { env, signal }: DiffOptions): Promise<StepDiff> {
  const lines: string[] = [];
  const errors: string[] = [];
  let dropped = 0;
  const result = await runProgram(["helmfile", ...diffArguments(step.args)], {
    signal,
    env: stepEnvironment(step, helmfileEnvironment(env)),
    output: (line, stream) => {
      const kept = stream === "stderr" ? errors : lines;
      if (kept.length < linesOfDiff) kept.push(line);
      else if (stream === "stdout") dropped += 1;
    },
  });
  if (dropped > 0) lines.push(`(${dropped} more lines)`);
  if (result.ok) return { step, lines, kind: "unchanged" };
  // helmfile's --detailed-exitcode: 2 says that something would change.
  if (result.failure.kind === "exit" && result.failure.exitCode === 2)
    return { step, lines, kind: "changed" };
  return {
    step,
    lines: [...lines, ...errors],
    kind: "failed",
    failure: result.failure,
  };
}
