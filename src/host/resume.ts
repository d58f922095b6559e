import { renderDiagnostics } from "../core/diagnostic.ts";
import type { Plan } from "../core/plan.ts";
import { planChanges, renderPlanChanges } from "../core/plan-changes.ts";
import { namespaceOf, namespacesOfReleases } from "../core/release.ts";
import { firstOf } from "../core/report.ts";
import { chainOf, type RunChain } from "../core/run-chain.ts";
import { planResume, type Resumption, releaseStanding, releasesInFlight } from "../core/run-resume.ts";
import { loadRun, runNames } from "../io/run-files.ts";
import { readerOf } from "./cluster-readers.ts";
import type { Questions } from "./decisions.ts";
import type { DeployContext } from "./deploy-context.ts";
import { exitCodes, Refusal } from "./settings.ts";

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
    throw new Refusal(`${what}, and this is the ${plan.mode} of ${environment}`, exitCodes.usage);
  }
  if (state.complete) {
    tell(`nothing to go on with: ${name} came to its end, and everything in it succeeded`);
    return undefined;
  }
  return chain.value;
}

/** What of the plan that run has done. What has changed since is shown, and asked about. */
export async function resume(
  plan: Plan,
  chain: RunChain,
  { ask, ...context }: Pick<DeployContext, "terminal" | "openCluster"> & { ask: Pick<Questions, "goOn"> },
): Promise<Resumption | "quit"> {
  const { terminal, openCluster } = context;
  const { run } = chain.header;
  const changes = planChanges(chain.plan, plan);
  if (changes.length > 0) {
    terminal.tell(`since ${run} the plan has changed:\n${renderPlanChanges(changes).join("\n")}`);
    if ((await ask.goOn(`go on with ${run} as it is planned now?`)) === "quit") return "quit";
  }
  const resumption = planResume({
    plan,
    state: chain,
    statuses: await standingsOf(plan, chain, openCluster),
  });
  const { settled, commands, lookedAt } = resumption;
  for (const line of lookedAt) terminal.tell(line);
  const left = plan.steps.length - settled.size;
  const handedOver = [...commands.keys()].map((stage) => `, ${stage} too`).join("");
  terminal.tell(
    `going on with ${run}: ${settled.size} of ${plan.steps.length} steps are done${handedOver}, ${left} are left`,
  );
  return resumption;
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
  return new Map(
    releases.map((id) => {
      const known = found.get(namespaceOf(id));
      if (!known?.ok)
        return [id, { kind: "unknown", reason: known?.failure.message ?? "nobody looked" }] as const;
      return [id, releaseStanding(known.value.find((one) => `${one.namespace}/${one.name}` === id))] as const;
    }),
  );
}

/**
 * What of it still holds: a cluster may have been wiped since. What helm has no record of any more is not done, and
 * neither is what was handed over after it.
 *
 * @param revisions helm's revision of each release, 0 for one that is not there
 */
export function stillDone(
  { settled, commands, lookedAt }: Resumption,
  {
    plan,
    revisions,
    tell,
  }: { plan: Plan; revisions: ReadonlyMap<string, number>; tell: (text: string) => void },
): Resumption {
  const gone = plan.steps
    .filter(({ id, releases }) => settled.has(id) && releases.some((one) => revisions.get(one) === 0))
    .map(({ id }) => id);
  if (gone.length === 0) return { settled, commands, lookedAt };
  tell(`was done, and is not there any more, so it is done again: ${firstOf(gone, 5)}`);
  const left = new Map([...settled].filter(([id]) => !gone.includes(id)));
  return { settled: left, commands: new Map(), lookedAt };
}
