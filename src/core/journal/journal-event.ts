import { unreachable } from "../common/result.ts";
import type { RolloutEvent } from "../rollout/events.ts";
import type { JournalEvent } from "./journal-line.ts";

/** What a journal keeps of an event; undefined for output, which the logs of the steps have. */
export function journalEvent(event: RolloutEvent): JournalEvent | undefined {
  switch (event.type) {
    case "step-printed":
    case "command-printed":
      return undefined;
    case "rollout-started":
      return { type: event.type, jobs: event.jobs };
    case "stage-started":
    case "stage-finished":
      return { type: event.type, stage: event.stage.name };
    case "step-started":
      return { type: event.type, step: event.step.id, attempt: event.attempt };
    case "step-noticed":
      return { type: event.type, step: event.step.id, evidence: event.evidence };
    case "step-retrying":
      return { type: event.type, step: event.step.id, reason: event.reason, afterMs: event.afterMs };
    case "release-mending": {
      const { release, status, command } = event;
      return { type: event.type, step: event.step.id, release, status, command: [...command] };
    }
    case "step-finished":
      return { type: event.type, step: event.step.id, outcome: event.outcome };
    case "gate-waiting":
    case "gate-opened":
    case "gate-stayed-shut":
      return { type: event.type, gate: event.gate.id, reason: event.reason };
    case "command-allowed":
      return { type: event.type, stage: event.stage.name, reason: event.reason };
    case "command-started":
      return { type: event.type, stage: event.stage.name, command: [...event.command] };
    case "command-finished":
      return { type: event.type, stage: event.stage.name, outcome: event.outcome };
    case "rollout-stopping":
      return { type: event.type, reason: event.reason, running: event.running.map(({ id }) => id) };
    case "rollout-finished": {
      const { durationMs, stopped } = event.result;
      return { type: event.type, durationMs, ...(stopped !== undefined && { stopped }) };
    }
    default:
      return unreachable(event);
  }
}

/** What must not be lost even if the power is: what was begun, and how it ended. */
export function mustLast({ type }: JournalEvent): boolean {
  return /^(step|command)-(started|finished)$|^rollout-finished$/.test(type);
}
