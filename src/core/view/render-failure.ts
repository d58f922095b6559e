import { plainLine } from "../common/plain-line.ts";
import { describeFailure } from "../helmfile-output/describe-failure.ts";
import { withoutFrame } from "../helmfile-output/helmfile-frame.ts";
import type { StepFailure } from "../rollout/outcome.ts";

/** How many of the last lines of output are shown where nothing shows that no restart mends it. */
const shownLines = 6;

/** Why something failed, and where more of it stands: what shows that no restart mends it, else what was printed last. */
export function renderFailure(
  id: string,
  failure: StepFailure,
  { isShort, log }: { readonly isShort: boolean; readonly log: string | undefined },
): string[] {
  const { evidence = [] } = failure;
  return [
    `failed: ${id}: ${describeFailure(failure)}`,
    ...evidence.map((line) => `  ${line}`),
    ...(isShort ? [] : lastLinesOf(failure)),
    ...(isShort || log === undefined ? [] : [`  all of its output: ${log}`]),
  ];
}

function lastLinesOf(failure: StepFailure): string[] {
  if (failure.kind === "spawn" || (failure.evidence ?? []).length > 0) return [];
  const said = describeFailure(failure);
  const lines = withoutFrame(failure.lastLines).map((line) => plainLine(line, 200).trim());
  // The one that tells most stands there already.
  return lines
    .filter((line) => line !== "" && !said.endsWith(line))
    .slice(-shownLines)
    .map((line) => `  | ${line}`);
}
