import type { Diagnostic } from "../common/diagnostic.ts";
import { fail, ok, type Result } from "../common/result.ts";
import type { Plan, Stage, Step } from "../plan/plan.ts";
import { doesTheSame } from "../plan/plan-changes.ts";
import { isDoneKind, type StepOutcome } from "../rollout/outcome.ts";
import type { JournalHeader } from "./journal-line.ts";
import type { JournalContent } from "./parse-journal.ts";
import { type RunState, runStateOf } from "./run-state.ts";

/** A run together with those that it goes on with: what is known of each step and command of any of them. */
export interface RunChain {
  /** The newest. */
  readonly header: JournalHeader;
  /** Its plan. */
  readonly plan: Plan;
  /** Its own state, without what it carried over. */
  readonly state: RunState;
  readonly steps: ReadonlyMap<string, StepStanding>;
  readonly commands: ReadonlyMap<string, CommandStanding>;
  /** Earlier runs that could not be read: what succeeded in them is done again. */
  readonly warnings: readonly Diagnostic[];
}

/** Where a step stands, and by which run. */
export interface StepStanding {
  readonly run: string;
  /** As it was in the plan of that run. */
  readonly step: Step;
  /** How it ended; `in-flight` where it was begun and nobody saw it end. */
  readonly outcome: StepOutcome | "in-flight";
  /** What helm had of the run's releases before it, as far as it was looked up. */
  readonly revisions: ReadonlyMap<string, number>;
  /** Releases that were half done before it, or that the run mended: a newer revision may be the way back. */
  readonly halfDone: ReadonlySet<string>;
  /** The digest of the files of its service then; absent where they were not looked at. */
  readonly files?: string;
}

export interface CommandStanding {
  readonly run: string;
  readonly stage: Stage;
  readonly outcome: StepOutcome | "in-flight";
}

/** Reads the journal of a run. */
export type LoadRun = (run: string) => Promise<Result<JournalContent, readonly Diagnostic[]>>;

/** Far more than anybody resumes. */
const longestChain = 100;

/**
 * Reads a run and those that it resumes, and puts together where everything stands. A run that never came to a step
 * leaves it as an earlier one had it: what was only cancelled or blocked there is not undone.
 *
 * @returns what stands in the way where the run itself cannot be read, or the runs resume each other in a circle
 */
export async function chainOf(run: string, load: LoadRun): Promise<Result<RunChain, readonly Diagnostic[]>> {
  const newest = await load(run);
  if (!newest.ok) return newest;
  const contents = [newest.value];
  const warnings: Diagnostic[] = [];
  const seen = new Set([run]);
  for (let next = newest.value.header.resumes; next !== undefined; ) {
    if (seen.has(next))
      return fail([broken(`the runs resume each other in a circle: ${[...seen, next].join(" → ")}`)]);
    if (seen.size === longestChain)
      return fail([broken(`more than ${longestChain} runs resume one another`)]);
    seen.add(next);
    const earlier = await load(next);
    if (!earlier.ok) {
      warnings.push(...earlier.failure.map((fault) => asWarning(next ?? "", fault)));
      break;
    }
    contents.push(earlier.value);
    next = earlier.value.header.resumes;
  }
  return ok(foldChain(newest.value, contents.reverse(), warnings));
}

/** @param contents the oldest first */
function foldChain(
  newest: JournalContent,
  contents: readonly JournalContent[],
  warnings: readonly Diagnostic[],
): RunChain {
  const steps = new Map<string, StepStanding>();
  const commands = new Map<string, CommandStanding>();
  for (const content of contents) {
    const state = runStateOf(content);
    foldSteps(steps, content, state);
    foldCommands(commands, content, state);
  }
  return { header: newest.header, plan: newest.plan, state: runStateOf(newest), steps, commands, warnings };
}

function foldSteps(steps: Map<string, StepStanding>, content: JournalContent, state: RunState): void {
  const { header, plan, revisions } = content;
  const inFlight = new Set(state.inFlight);
  const betweenTries = new Set(state.betweenTries);
  const halfDone = new Set([...content.halfDone, ...state.mended]);
  for (const step of plan.steps) {
    const before = steps.get(step.id);
    const ended = inFlight.has(step.id) ? "in-flight" : state.outcomes.get(step.id);
    // A run that was killed says nothing of what it had not come to: that is left, all the same.
    const left = betweenTries.has(step.id) ? neverTriedAgain : before ? undefined : neverBegun;
    const outcome = ended ?? left;
    if (outcome === undefined) continue;
    if (before && !state.begun.has(step.id)) {
      if (!isDone(outcome)) continue;
      // Found to be done already: the run that did it is the one to name.
      const wasRun = isDone(before.outcome) || before.outcome === "in-flight";
      if (wasRun && doesTheSame(before.step, step)) {
        steps.set(step.id, { ...before, outcome });
        continue;
      }
    }
    const files = content.files.get(step.service);
    const known = files === undefined ? {} : { files };
    steps.set(step.id, { run: header.run, step, outcome, revisions, halfDone, ...known });
  }
}

function foldCommands(
  commands: Map<string, CommandStanding>,
  content: JournalContent,
  state: RunState,
): void {
  const inFlight = new Set(state.commandsInFlight);
  for (const stage of content.plan.stages) {
    const ended = inFlight.has(stage.name) ? "in-flight" : state.commands.get(stage.name);
    const outcome = ended ?? (commands.has(stage.name) ? undefined : neverBegun);
    if (!stage.run || outcome === undefined) continue;
    const hasRun = outcome === "in-flight" || outcome.kind === "succeeded" || outcome.kind === "failed";
    if (!hasRun && commands.has(stage.name)) continue;
    commands.set(stage.name, { run: content.header.run, stage, outcome });
  }
}

const neverTriedAgain: StepOutcome = {
  kind: "cancelled",
  reason: "the run ended while it waited for its next try",
};
const neverBegun: StepOutcome = { kind: "cancelled", reason: "the run ended before it was begun" };

function isDone(outcome: StepOutcome | "in-flight"): boolean {
  return outcome !== "in-flight" && isDoneKind(outcome.kind);
}

function broken(message: string): Diagnostic {
  return { severity: "error", code: "run-chain", message };
}

function asWarning(run: string, fault: Diagnostic): Diagnostic {
  const message = `what succeeded in ${run} is not known and is done again: ${fault.message}`;
  return { ...fault, severity: "warning", message };
}
