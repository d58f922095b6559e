import type { StepFailure } from "../rollout/outcome.ts";
import { saysPluginFailed } from "./helm-errors.ts";
import { withoutFrame } from "./helmfile-frame.ts";

/**
 * One line that says why a step failed.
 *
 * @example describeFailure({ kind: "exit", exitCode: 1, lastLines: [] }) // "exit code 1"
 */
export function describeFailure(failure: StepFailure): string {
  switch (failure.kind) {
    case "exit":
      return `exit code ${failure.exitCode}${lastWords(failure.lastLines)}`;
    case "signal":
      return `ended by ${failure.signal}${lastWords(failure.lastLines)}`;
    case "spawn":
      return `could not be started: ${failure.message}`;
    case "other":
      return failure.message;
  }
}

/** What kept the next try from beginning, in a line that stands beside why the step failed; none where nothing did. */
export function renderNotTriedAgain({
  notTriedAgain,
}: Pick<StepFailure, "notTriedAgain">): readonly string[] {
  return notTriedAgain === undefined ? [] : [`not tried again: ${notTriedAgain}`];
}

/** Whether helm said that it did not reach the cluster at all: then nothing was found out, and nothing changed. */
export function isOutOfReach(failure: StepFailure): boolean {
  if (failure.kind !== "exit") return false;
  const unreachable = failure.lastLines.filter((line) => line.includes("Kubernetes cluster unreachable"));
  // One that was lost only when helm wanted to take back what it had begun has been changed.
  return unreachable.length > 0 && !unreachable.some((line) => /original (install|upgrade) error/.test(line));
}

/** helm's own `Error:` line, which helmfile does not always print last; else the last line with words in it. */
function lastWords(lines: readonly string[]): string {
  const bare = lines.map((line) => line.replace(ansiCodes, "").trimEnd());
  const plain = bare.map((line) => line.trim());
  const last =
    plain.findLast(isReason) ??
    withoutFrame(bare)
      .findLast((line) => line !== "")
      ?.trim();
  return last === undefined ? "" : `: ${last}`;
}

function isReason(line: string): boolean {
  return line.startsWith("Error:") && !saysPluginFailed(line);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours begin with
const ansiCodes = /\x1b\[[0-9;]*[A-Za-z]/g;
