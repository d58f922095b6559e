import { plainLine } from "../core/common/plain-line.ts";
import { describeFailure } from "../core/helmfile-output/describe-failure.ts";
import { runProgram } from "./run-program.ts";

/** How long the operators' log command may take, in milliseconds: it must not hold up a rollout. */
const limit = 15_000;

/**
 * Writes one line to the operators' log by their own command, for example `helmfile_log_sal {message}`. Returns
 * what went wrong, if anything: a rollout goes on without its log line.
 */
export async function writeOperatorLog(
  command: readonly string[],
  message: string,
  env: Readonly<Record<string, string | undefined>>,
  limitMs = limit,
): Promise<string | undefined> {
  const [program = "", ...args] = command.map((word) => word.replaceAll("{message}", message));
  const { SUPPRESS_SAL: _, ...ownEnv } = env;
  const timeUp = AbortSignal.timeout(limitMs);
  const result = await runProgram([program, ...args], {
    env: ownEnv,
    signal: timeUp,
    killAfterMs: Math.min(1000, limitMs),
    output: () => {},
  });
  if (result.ok) return undefined;
  const why = timeUp.aborted
    ? `it did not end within ${limitMs / 1000} s`
    : plainLine(describeFailure(result.failure));
  return `the log command ${program} did not work (${why}); the line was: ${message}`;
}
