import { setTimeout as sleep } from "node:timers/promises";
import type { Backend } from "../core/backend.ts";
import { runProgram } from "./child.ts";
import { helmfileEnvironment, stepEnvironment, withheldVariables } from "./helmfile.ts";

/** Carries steps out by real helmfile. */
export function helmfileBackend(options: {
  /** The operator's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** @default "helmfile" */
  readonly helmfile?: string;
  /** Nothing logs the run as a whole, so each helmfile writes its own lines to the operators' log. @default false */
  readonly logsItself?: boolean;
  /** While it gives a promise, no more output is read. */
  readonly congested?: () => Promise<void> | undefined;
  /** How long what a helmfile has started may go on once that has failed. @default 15 minutes */
  readonly leftoverLimitMs?: number;
}): Backend {
  const { helmfile = "helmfile", env, logsItself = false, congested, leftoverLimitMs } = options;
  const reading = {
    ...(congested ? { congested } : {}),
    ...(leftoverLimitMs === undefined ? {} : { leftoverLimitMs }),
  };
  const { SUPPRESS_SAL } = env;
  const logging = logsItself ? { SUPPRESS_SAL } : {};
  const commandEnv = Object.fromEntries(
    Object.entries(env).filter(([name]) => !withheldVariables.includes(name)),
  );
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
