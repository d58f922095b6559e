import type { Evidence } from "../evidence/evidence.ts";
import type { EventLine } from "../journal/journal-line.ts";
import type { StepOutcome } from "../rollout/outcome.ts";

/** A moment of a run: of two in the same millisecond, what was written first was first. */
export interface Moment {
  readonly ms: number;
  /** The number of the line. */
  readonly line: number;
}

export interface Attempt {
  readonly from: Moment;
  /** Absent where no end of it was written down. */
  to?: Moment;
  /** Why it was tried again. */
  again?: string;
}

/** What happened to a step, or to the command of a stage. */
export interface WorkTimeline {
  readonly attempts: Attempt[];
  /** How it ended last. */
  outcome?: StepOutcome;
  /** When that was told, also of one that was not begun. */
  told?: Moment;
}

export interface StepTimeline extends WorkTimeline {
  readonly noticed: { readonly ms: number; readonly evidence: Evidence }[];
  readonly mended: { ms: number; release: string; status: string; command: string[] }[];
}

export interface CommandTimeline extends WorkTimeline {
  /** Why the operator wanted it although something stood in the way. */
  readonly allowed: string[];
  words?: readonly string[];
}

export interface GateTimeline {
  readonly said: { readonly at: Moment; readonly text: string }[];
  verdict?: { readonly at: Moment; readonly open: boolean };
}

/** The lines of a journal, put together by what they are about. */
export interface RunTimeline {
  readonly steps: ReadonlyMap<string, StepTimeline>;
  /** By the stage's name. */
  readonly commands: ReadonlyMap<string, CommandTimeline>;
  readonly gates: ReadonlyMap<string, GateTimeline>;
  readonly jobs?: number;
}

export function runTimeline(lines: readonly EventLine[]): RunTimeline {
  const timelines = new Timelines();
  // Of a journal that somebody has changed, time may go back: nothing took less than no time.
  let ms = 0;
  lines.forEach((line, at) => {
    ms = Math.max(ms, line.elapsedMs);
    timelines.add(line, { ms, line: at });
  });
  return timelines;
}

class Timelines implements RunTimeline {
  readonly steps = new Map<string, StepTimeline>();
  readonly commands = new Map<string, CommandTimeline>();
  readonly gates = new Map<string, GateTimeline>();
  jobs?: number;

  add(line: EventLine, at: Moment): void {
    switch (line.type) {
      case "rollout-started":
        this.jobs = line.jobs;
        return;
      case "step-started":
        begin(this.#step(line.step), at);
        return;
      case "step-noticed":
        this.#step(line.step).noticed.push({ ms: at.ms, evidence: line.evidence });
        return;
      case "step-retrying":
        again(this.#step(line.step), at, line.reason);
        return;
      case "release-mending": {
        const { release, status, command } = line;
        this.#step(line.step).mended.push({ ms: at.ms, release, status, command });
        return;
      }
      case "step-finished":
        end(this.#step(line.step), at, line.outcome);
        return;
      case "gate-waiting":
      case "gate-opened":
      case "gate-stayed-shut":
        this.#judge(line, at);
        return;
      case "command-allowed":
        this.#command(line.stage).allowed.push(line.reason);
        return;
      case "command-started":
        this.#command(line.stage).words = line.command;
        begin(this.#command(line.stage), at);
        return;
      case "command-finished":
        end(this.#command(line.stage), at, line.outcome);
        return;
      default:
        // The others say how the run as a whole goes.
        return;
    }
  }

  #judge(line: Extract<EventLine, { gate: string }>, at: Moment): void {
    const gate = this.#gate(line.gate);
    gate.said.push({ at, text: line.reason });
    if (line.type === "gate-waiting") delete gate.verdict;
    else gate.verdict = { at, open: line.type === "gate-opened" };
  }

  #step(id: string): StepTimeline {
    return entry(this.steps, id, () => ({ attempts: [], noticed: [], mended: [] }));
  }

  #command(stage: string): CommandTimeline {
    return entry(this.commands, stage, () => ({ attempts: [], allowed: [] }));
  }

  #gate(id: string): GateTimeline {
    return entry(this.gates, id, () => ({ said: [] }));
  }
}

function entry<Value>(values: Map<string, Value>, key: string, make: () => Value): Value {
  const there = values.get(key);
  if (there !== undefined) return there;
  const made = make();
  values.set(key, made);
  return made;
}

function begin(work: WorkTimeline, at: Moment): void {
  work.attempts.push({ from: at });
  delete work.outcome;
  delete work.told;
}

/** It ended, and begins once more. */
function again(work: WorkTimeline, at: Moment, reason: string): void {
  const last = work.attempts.at(-1);
  if (!last) return;
  last.to ??= at;
  last.again = reason;
}

function end(work: WorkTimeline, at: Moment, outcome: StepOutcome): void {
  const last = work.attempts.at(-1);
  if (last && last.to === undefined) last.to = { line: at.line, ms: endOf(last, at, outcome) };
  work.outcome = outcome;
  work.told = at;
}

/** Its end may be told only when somebody has answered what is to become of it. */
function endOf({ from }: Attempt, told: Moment, outcome: StepOutcome): number {
  return "durationMs" in outcome ? Math.min(told.ms, from.ms + outcome.durationMs) : told.ms;
}
