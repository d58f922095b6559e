import { firstOf } from "../core/common/words.ts";
import { leftToDo } from "../core/journal/left-to-do.ts";
import type { DoneBefore } from "../core/journal/run-resume.ts";
import type { Plan, Step } from "../core/plan/plan.ts";
import type { StepDiff } from "../core/rollout/diff-result.ts";
import type { StepOutcome } from "../core/rollout/outcome.ts";
import { noChange, notChosen } from "../core/rollout/outcome-reasons.ts";
import type { StartFacts } from "../core/view/render-start.ts";
import type { DeployContext } from "./deploy-context.ts";
import type { Questions } from "./questions.ts";
import { takeAndShowDiffs } from "./show-diffs.ts";

/** The one question of a rollout without diffs: about what an earlier run has not done. */
export async function askToStart(
  plan: Plan,
  {
    questions,
    done,
    facts,
  }: { readonly questions: Questions; readonly done: DoneBefore; readonly facts: StartFacts },
): Promise<Settled | "quit"> {
  return (await questions.start(leftToDo(plan, done), facts)) === "yes" ? done.settled : "quit";
}

/** How the steps end that are not to run. */
export type Settled = ReadonlyMap<string, StepOutcome>;

/**
 * Shows all diffs together, asks once, and tells how the steps that are not to run end.
 *
 * @param done it is done again where its diff shows that what is there is other by now
 * @param halfDone releases whose step runs also where nothing would change: it is not done for that
 */
export async function askAboutDiffs(
  plan: Plan,
  context: DeployContext & {
    readonly questions: Questions;
    readonly done: DoneBefore;
    readonly halfDone: ReadonlySet<string>;
  },
): Promise<Settled | "quit"> {
  const { questions, done, halfDone, terminal } = context;
  const isHalfDone = ({ releases }: Step) => releases.some((id) => halfDone.has(id));
  // One whose diff cannot be had stays done: that something failed to look is no reason to call it failed.
  const earlier = ({ kind, step }: StepDiff) =>
    (kind === "unchanged" || kind === "failed") && !isHalfDone(step) ? done.settled.get(step.id) : undefined;
  // A diff does not show everything that helmfile removes, so no diff is no reason to leave such a step out.
  const mustRun = (step: Step) => step.removesReleases === true || isHalfDone(step);
  const diffs = await takeAndShowDiffs(plan, context);
  const left = diffs.filter((diff) => earlier(diff) === undefined);
  const changed = left.filter(
    ({ kind, step }) => kind !== "failed" && (kind !== "unchanged" || mustRun(step)),
  );
  const again = changed.filter(({ step }) => done.settled.has(step.id)).map(({ step }) => step.id);
  if (again.length > 0 && !context.interruption.signal.aborted)
    terminal.tell(`was done, and would change by now, so it is among what is left: ${firstOf(again, 5)}`);
  const chosen = changed.length === 0 ? new Set<string>() : await chooseSteps(changed, questions);
  if (chosen === "quit") return "quit";
  const settled = settle(left, new Set(changed), ({ step }) => chosen.has(step.id));
  return new Map([...diffs.flatMap((diff) => entryOf(diff.step.id, earlier(diff))), ...settled]);
}

/** Asks which of the changes to apply: all, some services, or none. */
async function chooseSteps(
  changed: readonly StepDiff[],
  questions: Pick<Questions, "applyDiffs" | "applyOne">,
): Promise<ReadonlySet<string> | "quit"> {
  const ids = changed.map(({ step }) => step.id);
  const answer = await questions.applyDiffs(ids.length);
  if (answer === "quit") return "quit";
  if (answer === "all") return new Set(ids);
  const chosen = new Set<string>();
  for (const service of new Set(changed.map(({ step }) => step.service))) {
    const wanted = await questions.applyOne(service);
    if (wanted === "quit") return "quit";
    for (const { step } of changed) if (wanted === "yes" && step.service === service) chosen.add(step.id);
  }
  return chosen.size === 0 ? "quit" : chosen;
}

function entryOf(id: string, outcome: StepOutcome | undefined): [string, StepOutcome][] {
  return outcome === undefined ? [] : [[id, outcome]];
}

function settle(
  diffs: readonly StepDiff[],
  changed: ReadonlySet<StepDiff>,
  isChosen: (diff: StepDiff) => boolean,
): Settled {
  const settled = new Map<string, StepOutcome>();
  for (const diff of diffs) {
    const { id } = diff.step;
    if (diff.kind === "failed") settled.set(id, { kind: "failed", durationMs: 0, failure: diff.failure });
    else if (!changed.has(diff)) settled.set(id, { kind: "skipped", reason: noChange });
    else if (!isChosen(diff)) settled.set(id, { kind: "cancelled", reason: notChosen });
  }
  return settled;
}
