import { standingIn } from "../core/cluster/release-standing.ts";
import { renderDiagnostics } from "../core/common/diagnostic.ts";
import { namespaceOf, namespacesOfReleases } from "../core/common/release.ts";
import { firstOf } from "../core/common/words.ts";
import { changedFiles, type ServiceDigests } from "../core/journal/changed-files.ts";
import {
  type CommandStanding,
  chainOf,
  type RunChain,
  type StepStanding,
} from "../core/journal/run-chain.ts";
import { type DoneBefore, planResume, releasesInFlight } from "../core/journal/run-resume.ts";
import type { Plan } from "../core/plan/plan.ts";
import { planChanges, renderPlanChanges } from "../core/plan/plan-changes.ts";
import { isDoneKind } from "../core/rollout/outcome.ts";
import { isAsWanted } from "../core/rollout/outcome-reasons.ts";
import type { PendingRelease } from "../core/rollout/pending-releases.ts";
import { loadRun, runNames } from "../io/run-files.ts";
import { readerOf } from "./cluster-readers.ts";
import type { DeployContext } from "./deploy-context.ts";
import type { Questions } from "./questions.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** The run that the command line names. */
export function runWanted({
  settings,
  goesOnWith,
  terminal,
}: Pick<DeployContext, "settings" | "goesOnWith" | "terminal">) {
  const { resume: run } = settings;
  return { run: run === "newest" ? undefined : run, expected: goesOnWith, tell: terminal.tell };
}

/**
 * The run that `--resume` goes on with: the named one, else the environment's newest, with those that it goes on with
 * itself. Undefined, and told, where that one has nothing left to do.
 */
export async function findRunToResume(
  plan: Plan,
  {
    folder,
    run,
    expected,
    tell,
  }: {
    readonly folder: string;
    readonly run: string | undefined;
    /** What it was asked for has been taken over. */
    readonly expected: string | undefined;
    readonly tell: (text: string) => void;
  },
): Promise<RunChain | undefined> {
  const { environment } = plan;
  const name = run ?? runNames(folder, environment)[0];
  if (name === undefined) {
    tell(`nothing to go on with: no run of ${environment} is written down here`);
    return undefined;
  }
  if (expected !== undefined && name !== expected) {
    const why = `${name} was begun meanwhile, and may have been asked for something else than ${expected}`;
    throw new Refusal(`${why}\n  to do: give --resume again`, exitCodes.usage);
  }
  const chain = await chainOf(name, (one) => loadRun(folder, one));
  if (!chain.ok) throw new Refusal(renderDiagnostics(chain.failure), exitCodes.usage);
  const { header, state, warnings } = chain.value;
  if (warnings.length > 0) tell(renderDiagnostics(warnings));
  if (header.environment !== environment || chain.value.plan.mode !== plan.mode) {
    const what = `${name} is the ${chain.value.plan.mode} of ${header.environment}`;
    const why = `${what}, and this is the ${plan.mode} of ${environment}`;
    const toDo = `charlie-mediawiki --resume ${name} goes on with that one; without --resume a new run begins`;
    throw new Refusal(`${why}\n  to do: ${toDo}`, exitCodes.usage);
  }
  const forgotten = forgottenIn(chain.value, plan);
  const isLeft = plan.steps.some(({ id }) => isOpen(chain.value.steps.get(id)));
  if (state.complete && !isLeft && forgotten.length > 0) {
    const [{ run: before } = { run: name }] = forgotten;
    const what = `${name} came to its end, but what an earlier run has left was not in it:`;
    const remedy = `  to do: --resume ${before} goes on with all that was planned there`;
    throw new Refusal([what, ...describeForgotten(forgotten), remedy].join("\n"), exitCodes.failed);
  }
  if (state.complete && !isLeft) {
    tell(`nothing to go on with: ${name} came to its end, and everything in it succeeded`);
    return undefined;
  }
  if (forgotten.length > 0)
    tell(["not done, and not in this plan:", ...describeForgotten(forgotten)].join("\n"));
  return chain.value;
}

/** A step or command that an earlier run has left, by its id or stage. */
interface Forgotten {
  readonly id: string;
  readonly run: string;
  readonly how: string;
}

/** What the chain has not done, and a plan that was narrowed since has not either. */
function forgottenIn({ steps, commands }: RunChain, plan: Plan): Forgotten[] {
  const planned = new Set(plan.steps.map(({ id }) => id));
  const stages = new Set(plan.stages.flatMap(({ name, run }) => (run ? [name] : [])));
  const open = [
    ...[...steps].filter(([id]) => !planned.has(id)),
    ...[...commands].filter(([stage]) => !stages.has(stage)),
  ].filter(([, { outcome }]) => outcome === "in-flight" || !isAsWanted(outcome));
  return open.map(([id, { run, outcome }]) => ({
    id,
    run,
    how: outcome === "in-flight" ? "was running when it ended" : outcome.kind,
  }));
}

function isOpen(standing: StepStanding | CommandStanding | undefined): boolean {
  if (!standing) return false;
  return standing.outcome === "in-flight" || !isDoneKind(standing.outcome.kind);
}

function describeForgotten(forgotten: readonly Forgotten[]): string[] {
  return forgotten.map(({ id, run, how }) => `  ${id}: ${how} in ${run}`);
}

/** What of the plan that run has done. What has changed since is shown, and asked about. */
export async function resume(
  plan: Plan,
  chain: RunChain,
  { questions, ...context }: ResumeContext & { questions: Pick<Questions, "goOn"> },
): Promise<DoneBefore | "quit"> {
  const { run } = chain.header;
  const hasChanged = tellChanges(plan, chain, context);
  if (hasChanged && (await questions.goOn(`go on with ${run} as it is planned now?`)) === "quit")
    return "quit";
  return whatIsDone(plan, chain, context);
}

interface ResumeContext extends Pick<DeployContext, "terminal" | "openCluster"> {
  /** Digests of the services' files; undefined where diffs show what has changed. */
  readonly files: ServiceDigests | undefined;
}

/** False where nothing has changed, as far as that is known. */
function tellChanges(plan: Plan, chain: RunChain, { terminal, files }: ResumeContext): boolean {
  const { run } = chain.header;
  const changes = planChanges(chain.plan, plan);
  if (changes.length > 0)
    terminal.tell(`since ${run} the plan has changed:\n${renderPlanChanges(changes).join("\n")}`);
  if (files === undefined) return changes.length > 0;
  const { changed, unknown } = changedFiles(plan, chain, files);
  if (changed.length > 0)
    terminal.tell(`since ${run} files have changed, so all of it is done again: ${firstOf(changed, 5)}`);
  if (unknown.length > 0)
    terminal.tell(`whether files have changed since ${run} is not known: ${firstOf(unknown, 5)}`);
  return changes.length > 0 || changed.length > 0;
}

/** What of the plan that run has done, by its journal and what became of what it left in flight. */
export async function whatIsDone(
  plan: Plan,
  chain: RunChain,
  { terminal, openCluster, files = new Map() }: ResumeContext,
): Promise<DoneBefore> {
  const { run } = chain.header;
  const { settled, commands, lookedAt } = planResume({
    plan,
    state: chain,
    files,
    statuses: await standingsOf(plan, chain, openCluster),
  });
  for (const line of lookedAt) terminal.tell(line);
  const left = plan.steps.length - settled.size;
  const handedOver = [...commands.keys()].map((stage) => `, ${stage} too`).join("");
  terminal.tell(
    `going on with ${run}: ${settled.size} of ${plan.steps.length} steps are done${handedOver}, ${left} are left`,
  );
  return { settled, commands };
}

/** Where the releases stand that were being deployed when the run ended. */
async function standingsOf(plan: Plan, chain: RunChain, open: DeployContext["openCluster"]) {
  const releases = releasesInFlight(chain, plan);
  const namespaces = namespacesOfReleases(releases);
  const read = await Promise.all(
    namespaces.map(
      async (namespace) => [namespace, await readerOf(plan, namespace, open).releases(namespace)] as const,
    ),
  );
  const found = new Map(read);
  return new Map(releases.map((id) => [id, standingIn(found.get(namespaceOf(id)), id)]));
}

/**
 * What of it still holds: a cluster may have been wiped since. What helm has no record of any more is not done, and
 * neither is what was handed over after it.
 *
 * @param revisions helm's revision of each release, 0 for one that is not there
 * @param pending what was left half done since
 */
export function stillDone(
  done: DoneBefore,
  {
    plan,
    revisions,
    pending,
    tell,
  }: {
    plan: Plan;
    revisions: ReadonlyMap<string, number>;
    pending: readonly PendingRelease[];
    tell: (text: string) => void;
  },
): DoneBefore {
  const halfDone = new Set(pending.map(({ id }) => id));
  const gone = plan.steps
    .filter(
      ({ id, releases }) =>
        done.settled.has(id) && releases.some((one) => revisions.get(one) === 0 || halfDone.has(one)),
    )
    .map(({ id }) => id);
  if (gone.length === 0) return done;
  tell(`was done, and is not there any more, or half done by now, so it is done again: ${firstOf(gone, 5)}`);
  const settled = new Map([...done.settled].filter(([id]) => !gone.includes(id)));
  return { settled, commands: new Map() };
}
