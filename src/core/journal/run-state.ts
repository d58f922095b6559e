import type { StepOutcome } from "../rollout/outcome.ts";
import { isAsWanted } from "../rollout/outcome-reasons.ts";
import type { EventLine, JournalHeader } from "./journal-line.ts";
import type { JournalContent } from "./parse-journal.ts";

/** Where a run stands, by its journal. */
export interface RunState {
  readonly header: JournalHeader;
  /** How many steps and commands its plan has. */
  readonly planned: number;
  /** How each step ended, the last time that it was tried. */
  readonly outcomes: ReadonlyMap<string, StepOutcome>;
  /** Steps that were begun in this run. */
  readonly begun: ReadonlySet<string>;
  /** Steps that run, or ran when the run was killed. */
  readonly inFlight: readonly string[];
  /** Steps that failed, and wait for their next try, or waited for it then. */
  readonly betweenTries: readonly string[];
  /** Releases that were left half done, and that the run has mended. */
  readonly mended: ReadonlySet<string>;
  /** How the commands of stages ended, by stage. */
  readonly commands: ReadonlyMap<string, StepOutcome>;
  readonly commandsInFlight: readonly string[];
  /** It came to its end, whatever that was. */
  readonly ended: boolean;
  /** Why no further steps were taken. */
  readonly stopped?: string;
  /** Milliseconds from its begin to its last line, on a clock that never jumps. */
  readonly elapsedMs: number;
  /** When its last line was written, ISO. */
  readonly lastTime: string;
  /** It ended, and every step and command of its plan succeeded, had nothing to do, or was not chosen by the operator. */
  readonly complete: boolean;
}

export function runStateOf(content: JournalContent): RunState {
  const { header, plan, lines } = content;
  const tally = newTally();
  for (const line of lines) count(tally, line);
  const last = lines.at(-1);
  const commands = plan.stages.flatMap(({ run, name }) => (run ? [name] : []));
  const complete =
    tally.ended &&
    plan.steps.every(({ id }) => isAsWanted(tally.outcomes.get(id))) &&
    commands.every((stage) => isAsWanted(tally.commands.get(stage)));
  const { inFlight, betweenTries, commandsInFlight, ...counted } = tally;
  return {
    header,
    planned: plan.steps.length + commands.length,
    ...counted,
    inFlight: [...inFlight],
    betweenTries: [...betweenTries],
    commandsInFlight: [...commandsInFlight],
    elapsedMs: lines.reduce((latest, { elapsedMs }) => Math.max(latest, elapsedMs), 0),
    lastTime: last?.time ?? header.time,
    complete,
  };
}

interface Tally {
  readonly outcomes: Map<string, StepOutcome>;
  readonly begun: Set<string>;
  readonly inFlight: Set<string>;
  readonly betweenTries: Set<string>;
  readonly mended: Set<string>;
  readonly commands: Map<string, StepOutcome>;
  readonly commandsInFlight: Set<string>;
  ended: boolean;
  stopped?: string;
}

function newTally(): Tally {
  return {
    outcomes: new Map(),
    begun: new Set(),
    inFlight: new Set(),
    betweenTries: new Set(),
    mended: new Set(),
    commands: new Map(),
    commandsInFlight: new Set(),
    ended: false,
  };
}

function count(tally: Tally, line: EventLine): void {
  switch (line.type) {
    case "step-started":
      tally.begun.add(line.step);
      tally.inFlight.add(line.step);
      tally.betweenTries.delete(line.step);
      tally.outcomes.delete(line.step);
      return;
    case "step-finished":
      tally.inFlight.delete(line.step);
      tally.betweenTries.delete(line.step);
      tally.outcomes.set(line.step, line.outcome);
      return;
    case "step-retrying":
      tally.inFlight.delete(line.step);
      tally.betweenTries.add(line.step);
      return;
    case "release-mending":
      tally.mended.add(line.release);
      return;
    case "command-started":
      tally.commandsInFlight.add(line.stage);
      tally.commands.delete(line.stage);
      return;
    case "command-finished":
      tally.commandsInFlight.delete(line.stage);
      tally.commands.set(line.stage, line.outcome);
      return;
    case "rollout-stopping":
      tally.stopped = line.reason;
      return;
    case "rollout-finished":
      tally.ended = true;
      if (line.stopped !== undefined) tally.stopped = line.stopped;
      return;
    default:
      // The others tell people how it went.
      return;
  }
}
