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
  return [
    `failed: ${id}: ${describeFailure(failure)}`,
    ...renderFailureDetails(failure, { mostLines: isShort ? 0 : shownLines }),
    ...(isShort || log === undefined ? [] : [`  all of its output: ${log}`]),
  ];
}

/**
 * What is to be said of a failure below the line of {@link describeFailure}: what shows that no restart mends it, else
 * what was printed last; and what kept the next try from beginning.
 *
 * @param mostLines how many of the last lines of output there is room for
 */
export function renderFailureDetails(
  failure: StepFailure,
  { mostLines }: { readonly mostLines: number },
): string[] {
  const { evidence = [] } = failure;
  const lines = evidence.length > 0 ? [] : linesNotTold(failure);
  const lastLines = lines.slice(Math.max(0, lines.length - mostLines));
  return [
    ...evidence.map((line) => `  ${line}`),
    ...lastLines.map((line) => `  | ${line}`),
    ...renderNotTriedAgain(failure).map((line) => `  ${line}`),
  ];
}

/** The last lines, without the one that tells most: it stands there already. */
function linesNotTold(failure: StepFailure): string[] {
  if (!("lastLines" in failure)) return [];
  const said = describeFailure(failure);
  return withoutFrame(failure.lastLines)
    .map((line) => plainLine(line, 200).trim())
    .filter((line) => line !== "" && !said.endsWith(line));
}
