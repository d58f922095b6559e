import { plainLine } from "../common/plain-line.ts";
import { describeFailure, renderNotTriedAgain } from "../helmfile-output/describe-failure.ts";
import { withoutFrame } from "../helmfile-output/helmfile-frame.ts";
import type { StepFailure } from "../rollout/outcome.ts";

/** How many of the last lines of output are shown where nothing shows that no restart mends it. */
const shownLines = 6;

/** Why something failed, and where more of it stands. */
export function renderFailure(
  id: string,
  failure: StepFailure,
  { isShort, log }: { readonly isShort: boolean; readonly log: string | undefined },
): string[] {
  const { evidence = [] } = failure;
  return [
    `failed: ${id}: ${describeFailure(failure)}`,
    // What shows that no restart mends it is all that matters.
    ...renderFailureDetails(failure, {
      mostLines: isShort || evidence.length > 0 ? 0 : shownLines,
      width: 200,
    }),
    ...(isShort || log === undefined ? [] : [`  all of its output: ${log}`]),
  ];
}

/**
 * What is to be said of a failure below the line of {@link describeFailure}: what shows that no restart mends it, what
 * was printed last, and what kept the next try from beginning.
 *
 * @param options.mostLines how many of the last lines of output there is room for
 * @param options.width how long a line may be
 */
export function renderFailureDetails(
  failure: StepFailure,
  { mostLines, width }: { readonly mostLines: number; readonly width: number },
): string[] {
  const { evidence = [] } = failure;
  const lines = linesNotTold(failure);
  const lastLines = lines.slice(Math.max(0, lines.length - mostLines)).map((line) => plainLine(line, width));
  return [
    ...evidence.map((line) => `  ${line}`),
    ...lastLines.map((line) => `  | ${line}`),
    ...renderNotTriedAgain(failure).map((line) => `  ${line}`),
  ];
}

/** Longer than what helm says: whether a line is told already shows before it is cut. */
const longestLine = 20_000;

/** The last lines, without the one that tells most: it stands there already. */
function linesNotTold(failure: StepFailure): string[] {
  if (!("lastLines" in failure)) return [];
  const said = describeFailure(failure);
  return (
    withoutFrame(failure.lastLines)
      // helmfile moves what a command has said by two.
      .map((line) => plainLine(line, longestLine).replace(/^ {2}/, "").trimEnd())
      .filter((line) => line !== "" && !said.endsWith(line.trim()))
  );
}
