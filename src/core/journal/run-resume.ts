import { isHalfDone } from "../cluster/helm-status.ts";
import type { ReleaseStanding } from "../cluster/release-standing.ts";
import { unreachable } from "../common/result.ts";
import type { Plan, Step } from "../plan/plan.ts";
import { doesTheSame, runsTheSame } from "../plan/plan-changes.ts";
import { isDoneKind, type StepOutcome } from "../rollout/outcome.ts";
import { doneIn } from "../rollout/outcome-reasons.ts";
import { hasOtherFiles, type ServiceDigests } from "./changed-files.ts";
import type { CommandStanding, RunChain, StepStanding } from "./run-chain.ts";

/** What of a plan is done already, by earlier runs of it. */
export interface DoneBefore {
  /** How the steps that are not run again end, by id. */
  readonly settled: ReadonlyMap<string, StepOutcome>;
  /** How the commands that are not run again end, by stage. */
  readonly commands: ReadonlyMap<string, StepOutcome>;
}

export const nothingDone: DoneBefore = { settled: new Map(), commands: new Map() };

export interface Resumption extends DoneBefore {
  /** What was found of each step and command that was in flight, and what follows: lines for people. */
  readonly lookedAt: readonly string[];
}

/** The releases to look up before a run is resumed: those of the steps that were in flight, each once. */
export function releasesInFlight(chain: RunChain, plan: Plan): readonly string[] {
  const steps = plan.steps.filter(({ id }) => chain.steps.get(id)?.outcome === "in-flight");
  return [...new Set(steps.flatMap(({ releases }) => releases))];
}

/**
 * Decides which steps of a plan an earlier run, with those that it resumed, has done already. A step that would do
 * something else to the cluster than it did then is not among them, nor is one whose service has other files; one that
 * only waits for other steps now is.
 *
 * A step that was in flight counts as done where helm has all of its releases `deployed` since, each with the one
 * revision that the step adds: the next one, or, where none was there or that is not known and the step was to install
 * it, the first. A release that was there before may be `deployed` as it was, and a rollback makes a newer revision of
 * what was there before; helmfile finds out by comparing, so such a step is run again.
 *
 * @param plan the plan as it is now
 * @param state the earlier run
 * @param files digests of the services' files as they are now, as far as they are known
 * @param statuses where each release stands that {@link releasesInFlight} names
 */
export function planResume({
  plan,
  state,
  files = new Map(),
  statuses,
}: {
  readonly plan: Plan;
  readonly state: RunChain;
  readonly files?: ServiceDigests;
  readonly statuses: ReadonlyMap<string, ReleaseStanding>;
}): Resumption {
  const settled = new Map<string, StepOutcome>();
  const commands = new Map<string, StepOutcome>();
  const lookedAt: string[] = [];
  for (const step of plan.steps) {
    const standing = state.steps.get(step.id);
    if (!standing) continue;
    const isSame = doesTheSame(standing.step, step) && hasOtherFiles(step, standing, files) !== true;
    if (standing.outcome === "in-flight") {
      const look = lookAt(step, standing, { isSame, statuses });
      lookedAt.push(look.line);
      if (look.done) settled.set(step.id, doneEarlier(standing.run));
    } else if (isDoneKind(standing.outcome.kind) && isSame) {
      settled.set(step.id, doneEarlier(standing.run));
    }
  }
  for (const stage of plan.stages) {
    const standing = state.commands.get(stage.name);
    if (!stage.run || !standing) continue;
    if (standing.outcome === "in-flight") lookedAt.push(commandLine(stage.name, standing));
    // One that somebody did not want then may be wanted now.
    else if (standing.outcome.kind === "succeeded" && runsTheSame(standing.stage, stage))
      commands.set(stage.name, doneEarlier(standing.run));
  }
  return { settled, commands, lookedAt };
}

function doneEarlier(run: string): StepOutcome {
  return { kind: "skipped", reason: doneIn(run) };
}

interface Look {
  readonly done: boolean;
  readonly line: string;
}

function lookAt(
  step: Step,
  standing: StepStanding,
  { isSame, statuses }: { isSame: boolean; statuses: ReadonlyMap<string, ReleaseStanding> },
): Look {
  const releases = step.releases.map((id) => ({
    id,
    now: statuses.get(id) ?? ({ kind: "unknown", reason: "nobody looked" } as const),
  }));
  const doubt = isSame ? whyNotDone(step, standing, releases) : "it has changed since";
  const found = releases.map(({ id, now }) => `${id} ${describeStanding(now)}`).join(", ");
  const again = `is run again${doubt === "" ? "" : `: ${doubt}`}`;
  // What is half done may block it: that is told, with what mends it, when all has been looked at.
  const open = releases.some(({ now }) => "status" in now && isHalfDone(now.status)) ? "is not done" : again;
  const verdict = doubt === undefined ? "counts as done" : open;
  const line = [`${step.id} was running when ${standing.run} ended`, found, verdict].filter(
    (part) => part !== "",
  );
  return { done: doubt === undefined, line: line.join("; ") };
}

/** Undefined where it is done; empty where what was found of the releases says it all. */
function whyNotDone(
  step: Step,
  { step: was, revisions, halfDone }: StepStanding,
  releases: readonly { readonly id: string; readonly now: ReleaseStanding }[],
): string | undefined {
  if (step.removesReleases === true) return "whether it removed what it removes is not known";
  if (releases.length === 0) return "it names no release to look at";
  for (const { id, now } of releases) {
    if (now.kind !== "deployed") return "";
    if (halfDone.has(id)) return `${id} was half done, and may have been taken back`;
    const before = revisions.get(id);
    if (before !== undefined && now.revision <= before) return `${id} is as it was before`;
    if (before === undefined && was.action === "apply") return `whether ${id} was so before is not known`;
    // A rollback, for one, makes a revision of its own, after that of the upgrade.
    if (now.revision !== (before ?? 0) + 1) return `${id} may have been taken back since`;
  }
  return undefined;
}

function describeStanding(standing: ReleaseStanding): string {
  switch (standing.kind) {
    case "deployed":
      return `is deployed, revision ${standing.revision}`;
    case "pending":
    case "other":
      return `is ${standing.status}`;
    case "absent":
      return "is not there";
    case "unknown":
      return `could not be looked up (${standing.reason})`;
    default:
      return unreachable(standing);
  }
}

function commandLine(stage: string, { run }: CommandStanding): string {
  return `the command of stage ${stage} was running when ${run} ended; it is run again`;
}
