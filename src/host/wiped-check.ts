import type { OpenCluster } from "../core/cluster/cluster-reader.ts";
import { counted } from "../core/common/words.ts";
import type { Plan } from "../core/plan/plan.ts";
import { plannedNamespaces, renderMissingNamespaces } from "../core/rollout/missing-namespaces.ts";
import {
  type ClusterContents,
  namespacesInUse,
  renderContents,
  renderIdentity,
} from "../core/rollout/wiped.ts";
import type { Terminal } from "../io/terminal.ts";
import { wideReader } from "./cluster-readers.ts";
import type { Questions } from "./questions.ts";
import { exitCodes, Refusal, type Settings } from "./settings.ts";

/**
 * Makes sure that the cluster is empty, or that the operator knows which one it is: everything in it is about to be
 * deployed. `--yes` does not answer this. Pods alone decide; whoever may not see them cannot say that there are none.
 *
 * @returns which cluster it is, and what it looks like, in lines for people
 */
export async function checkWiped(
  plan: Plan,
  context: {
    readonly open: OpenCluster;
    readonly settings: Settings;
    readonly terminal: Terminal;
    readonly questions: Pick<Questions, "typeName">;
    /** Servers that are deployed to and were not looked at, in words. */
    readonly others: readonly string[];
  },
): Promise<readonly string[]> {
  const { settings, terminal, questions } = context;
  const { environment } = plan;
  const contents = await lookAt(plan, context.open);
  const systemNamespaces = plan.cluster?.systemNamespaces ?? [];
  terminal.tell(
    [
      ...renderContents(contents, systemNamespaces),
      ...missingNamespaces(plan, contents, context.others),
    ].join("\n"),
  );
  const inUse = namespacesInUse(contents, systemNamespaces);
  const doubts = [
    ...describeUse(inUse, environment),
    ...context.others.map(
      (server) => `the helmfiles deploy to ${server}, which is not the cluster that was looked at`,
    ),
  ];
  if (doubts.length === 0) {
    terminal.tell(`the cluster of ${environment} is wiped: its only pods are in system namespaces\n`);
    return renderIdentity(contents.identity, "wiped");
  }
  const inWords =
    inUse.length === 0 ? "wiped" : `NOT WIPED: pods in ${counted(inUse.length, "other namespace")}`;
  const identity = [
    ...renderIdentity(contents.identity, inWords),
    ...context.others.map((server) => `deploys to ${server}`),
  ];
  terminal.tell(`${doubts.join("\n")}\n`);
  if (settings.notWiped !== undefined) return identity;
  const refused = `nothing was deployed: ${inUse.length > 0 ? `${environment} is in use` : "another cluster was looked at"}`;
  if (!terminal.interactive) {
    throw new Refusal(
      `${refused}, and there is no terminal to type its name on: to go on all the same, give --not-wiped ${environment}`,
      exitCodes.usage,
    );
  }
  const typed = await questions.typeName(environment);
  if (typed === environment) return identity;
  const what = typed === undefined || typed === "" ? "its name was not typed" : `"${typed}" is not its name`;
  throw new Refusal(`${refused}, and ${what}`, exitCodes.usage);
}

/** Which cluster a run goes on in that has asked about it already. */
export async function describeResumed(
  plan: Plan,
  { open, run }: { readonly open: OpenCluster; readonly run: string },
): Promise<readonly string[]> {
  return renderIdentity(await wideReader(plan, open).identity(), `going on with ${run}`);
}

/** Whoever names another environment than the one that this is about has mistaken one of them. */
export function refuseOtherName({ environment }: Plan, { notWiped }: Settings): void {
  if (notWiped === undefined || notWiped === environment) return;
  throw new Refusal(
    `nothing was deployed: --not-wiped names ${notWiped}, and this is about ${environment}`,
    exitCodes.usage,
  );
}

/** Of what is deployed to other servers nothing was looked at. */
function missingNamespaces(
  plan: Plan,
  { namespaces }: ClusterContents,
  others: readonly string[],
): readonly string[] {
  if (!namespaces.ok || others.length > 0) return [];
  return renderMissingNamespaces(plannedNamespaces(plan), namespaces.value);
}

function describeUse(inUse: readonly string[], environment: string): string[] {
  if (inUse.length === 0) return [];
  return [
    `the cluster of ${environment} is not wiped: there are pods in ${counted(inUse.length, "other namespace")}`,
  ];
}

async function lookAt(plan: Plan, open: OpenCluster): Promise<ClusterContents> {
  const reader = wideReader(plan, open);
  const [pods, identity, namespaces, releases] = await Promise.all([
    reader.podCounts(),
    reader.identity(),
    reader.namespaces(),
    reader.releases(),
  ]);
  if (pods.ok) return { identity, pods: pods.value, namespaces, releases };
  throw new Refusal(
    `whether the cluster of ${plan.environment} is wiped could not be found out: ${pods.failure.message}\nnothing was deployed`,
    exitCodes.unknown,
  );
}
