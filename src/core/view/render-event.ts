import { counted, renderDuration } from "../common/words.ts";
import { renderEvidence } from "../evidence/evidence.ts";
import { describeFailure, renderNotTriedAgain } from "../helmfile-output/describe-failure.ts";
import type { RolloutEvent } from "../rollout/events.ts";
import type { StepOutcome } from "../rollout/outcome.ts";

/** How a line is to be taken: told in passing, or as good or bad news. */
export type EventKind = "info" | "success" | "warn" | "error" | "log";

type EventText = readonly [kind: EventKind, text: string];

/**
 * What happened, for people, with the service and the environment before what a step says: in one line, or several where
 * something was seen in the cluster. Some of it is not worth a line.
 */
export function renderEvent(event: RolloutEvent, environment: string): EventText | undefined {
  const prefix = (service: string) => `[${service} ${environment}]`;
  switch (event.type) {
    case "rollout-started": {
      const { plan, jobs } = event;
      return [
        "info",
        `${plan.mode} of ${environment}: ${counted(plan.steps.length, "step")}, ${jobs} at a time`,
      ];
    }
    case "stage-started":
      return [
        "info",
        `stage ${event.stage.name}${event.stage.run ? "" : `: ${counted(event.stage.steps.length, "step")}`}`,
      ];
    case "step-started": {
      const again = event.attempt > 1 ? ` (try ${event.attempt})` : "";
      return ["log", `${prefix(event.step.service)} ${event.step.id}: ${event.step.action}${again}`];
    }
    case "step-printed":
      return ["log", `${prefix(event.step.service)} ${event.line}`];
    case "step-noticed":
      return [
        "warn",
        renderEvidence(event.evidence)
          .map((line) => `${prefix(event.step.service)} ${line}`)
          .join("\n  "),
      ];
    case "step-retrying": {
      const { step, failure, reason, afterMs } = event;
      const why = `${describeFailure(failure)}; as ${reason}, it is tried again in ${renderDuration(afterMs)}`;
      return ["warn", `${prefix(step.service)} ${step.id} failed: ${why}`];
    }
    case "release-mending": {
      const { step, release, status, command } = event;
      return ["warn", `${prefix(step.service)} ${release} is ${status}: ${command.join(" ")}`];
    }
    case "step-finished":
      return [
        kindOf(event.outcome),
        `${prefix(event.step.service)} ${event.step.id} ${describeOutcome(event.outcome)}`,
      ];
    case "gate-waiting":
      return ["info", `gate ${event.gate.id} waits: ${event.reason}`];
    case "gate-opened":
      return ["info", `gate ${event.gate.id} open: ${event.reason}`];
    case "gate-stayed-shut":
      return ["warn", `gate ${event.gate.id} stays shut: ${event.reason}`];
    case "command-allowed":
      return ["warn", `${prefix(event.stage.name)} runs all the same: ${event.reason}`];
    case "command-started":
      return ["info", `${prefix(event.stage.name)} ${event.command.join(" ")}`];
    case "command-printed":
      return ["log", `${prefix(event.stage.name)} ${event.line}`];
    case "command-finished":
      return [kindOf(event.outcome), `${prefix(event.stage.name)} ${describeOutcome(event.outcome)}`];
    case "rollout-stopping":
      return [
        "warn",
        describeStop(
          event.reason,
          event.running.map((step) => step.id),
        ),
      ];
    case "stage-finished":
    case "rollout-finished":
      return undefined;
  }
}

function describeStop(reason: string, running: readonly string[]): string {
  if (running.length === 0) return `${reason}: no new steps`;
  return `${reason}: no new steps; waiting for ${running.join(", ")} to end`;
}

function kindOf({ kind }: StepOutcome): EventKind {
  if (kind === "succeeded") return "success";
  return kind === "failed" ? "error" : "warn";
}

/** How a step ended, in words. */
function describeOutcome(outcome: StepOutcome): string {
  switch (outcome.kind) {
    case "succeeded":
      return `succeeded in ${renderDuration(outcome.durationMs)}`;
    case "failed":
      return [
        `failed after ${renderDuration(outcome.durationMs)}: ${describeFailure(outcome.failure)}`,
        ...renderNotTriedAgain(outcome.failure),
      ].join("; ");
    case "blocked":
    case "skipped":
    case "cancelled":
      return `${outcome.kind}: ${outcome.reason}`;
  }
}
