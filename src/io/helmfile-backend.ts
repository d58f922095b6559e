import { setTimeout as sleep } from "node:timers/promises";
import type { Backend } from "../core/rollout/backend.ts";
import { helmfileEnvironment, stepEnvironment, withoutWithheld } from "./helmfile.ts";
import { runProgram } from "./run-program.ts";

/** By what steps are carried out, and what of the operator's surroundings it gets. */
export interface HelmfileBackendOptions {
  /** The operator's environment variables; some are withheld from helmfile. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program: a name on PATH, or a path. @default "helmfile" */
  readonly helmfile?: string;
  /** Nothing logs the run as a whole, so each helmfile writes its own lines to the operators' log. @default false */
  readonly logsItself?: boolean;
  /** While it gives a promise, no more output is read. @default output is always read */
  readonly congested?: () => Promise<void> | undefined;
  /** How long what a helmfile has started may go on once that has failed. @default 15 minutes */
  readonly leftoverLimitMs?: number;
}

/**
 * Carries steps out by real helmfile. A helmfile that cannot be started, or fails, is a failure of its step.
 *
 * @example
 * const backend = helmfileBackend({ env: process.env, logsItself: true });
 */
export function helmfileBackend(options: HelmfileBackendOptions): Backend {
  const { helmfile = "helmfile", env, logsItself = false, congested, leftoverLimitMs } = options;
  const reading = {
    ...(congested ? { congested } : {}),
    ...(leftoverLimitMs === undefined ? {} : { leftoverLimitMs }),
  };
  const { SUPPRESS_SAL } = env;
  const logging = logsItself ? { SUPPRESS_SAL } : {};
  const commandEnv = withoutWithheld(env);
  const helmfileEnv = { ...helmfileEnvironment(env), ...logging };
  return {
    run: (step, context) =>
      runProgram([helmfile, ...step.args], {
        ...context,
        ...reading,
        env: stepEnvironment(step, helmfileEnv),
      }),
    runCommand: ([program = "", ...args], context) =>
      runProgram([program, ...args], { ...context, ...reading, env: commandEnv }),
    now: () => performance.now(),
    sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
  };
}
