import { counted } from "../core/common/words.ts";
import type { RolloutEvent } from "../core/rollout/events.ts";
import { renderEvent } from "../core/view/render-event.ts";
import type { Line } from "./held-lines.ts";

type StepFinished = Extract<RolloutEvent, { type: "step-finished" }>;

/**
 * Hands on the lines of events, one after the other. Steps that were never begun end all at once when a rollout is
 * stopped: they are one line with their number, as the summary names them.
 *
 * @param options.isKept whether what happened is worth a line
 */
export function eventLines({
  environment,
  isKept,
  print,
}: {
  readonly environment: string;
  readonly isKept: (event: RolloutEvent) => boolean;
  readonly print: (line: Line) => void;
}): (event: RolloutEvent) => void {
  const begun = new Set<string>();
  let isStopping = false;
  let folded: StepFinished[] = [];
  const printOne = (event: RolloutEvent) => {
    const line = isKept(event) ? renderEvent(event, environment) : undefined;
    if (line) print(line);
  };
  const unfold = () => {
    const [first, ...others] = folded;
    folded = [];
    if (!first) return;
    if (others.length === 0 || first.outcome.kind !== "cancelled") printOne(first);
    else print(["warn", `${counted(others.length + 1, "step")} cancelled: ${first.outcome.reason}`]);
  };
  return (event) => {
    if (event.type === "step-finished" && event.outcome.kind === "cancelled" && isStopping) {
      if (!begun.has(event.step.id)) {
        // They come in one turn; what comes next may take as long as a rollback.
        if (folded.length === 0) queueMicrotask(unfold);
        folded.push(event);
        return;
      }
    }
    unfold();
    if (event.type === "step-started") begun.add(event.step.id);
    if (event.type === "rollout-stopping") isStopping = true;
    printOne(event);
  };
}
