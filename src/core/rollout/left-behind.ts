import { clusterCommand } from "../cluster/cluster-command.ts";
import type { ReleaseStanding } from "../cluster/release-standing.ts";
import { appendTo } from "../common/grouped-by.ts";
import { nameOf, namespaceOf, namespacesOfReleases } from "../common/release.ts";
import { unreachable } from "../common/result.ts";
import { deployingKubeconfigs } from "../plan/cluster-kubeconfigs.ts";
import type { Plan, Stage, Step } from "../plan/plan.ts";

/** What ran when it was killed. */
export interface KilledWork {
  readonly plan: Plan;
  readonly steps: readonly Step[];
  /** Stages whose command ran. */
  readonly commands: readonly Stage[];
  /** helm's revision of each release before the rollout, 0 for one that was not there, as far as it was looked up. */
  readonly revisions: ReadonlyMap<string, number>;
}

/** For people: of each step that is killed, its releases, what helm may leave of each, and the command that shows it. */
export function renderLeftBehind(work: KilledWork): string[] {
  return [...work.steps.flatMap((step) => linesOfStep(step, work)), ...work.commands.flatMap(linesOfCommand)];
}

/** The releases of what did not come to its end, each once, as far as they have a name. */
export function releasesLeftBehind({
  steps,
  commands,
}: Pick<KilledWork, "steps" | "commands">): readonly string[] {
  const handedOver = commands.flatMap(({ runDeploys = [] }) => runDeploys);
  const all = [...steps.flatMap(({ releases }) => releases), ...handedOver];
  return [...new Set(all)].filter((id) => !id.endsWith("/*"));
}

/** For people: what was found of each of these releases afterwards. */
export function renderFound(
  found: ReadonlyMap<string, ReleaseStanding>,
  revisions: ReadonlyMap<string, number>,
): string[] {
  const lines = new Map<string, string[]>();
  for (const [id, standing] of found) {
    const [state, detail] = describe(standing, revisions.get(id));
    appendTo(lines, state, detail === "" ? id : `${id} (${detail})`);
  }
  return [...lines].map(([state, ids]) => `${state}: ${ids.join(", ")}`);
}

function linesOfStep(step: Step, work: KilledWork): string[] {
  const releases = step.releases.map((id) => {
    const namespace = namespaceOf(id);
    const shown = clusterCommand(
      step.helm ?? "helm",
      `status ${nameOf(id)}`,
      whereabouts(namespace, step, work),
    );
    return `  ${id}: ${whatHelmLeaves(work.revisions.get(id))}: ${shown}`;
  });
  const removed = step.removesReleases
    ? [`  releases that do not belong here, and that it removes: uninstalling: ${listing(step, work)}`]
    : [];
  return [`${step.id}:`, ...releases, ...removed];
}

/** A step that was interrupted is being taken back: a first install by removing it again. */
function whatHelmLeaves(revision: number | undefined): string {
  if (revision === undefined) return "pending-install, pending-upgrade, pending-rollback or uninstalling";
  if (revision === 0) return "first install, so pending-install or uninstalling";
  return `was at revision ${revision}, so pending-upgrade or pending-rollback`;
}

function listing(step: Step, work: KilledWork): string {
  const commands = namespacesOfReleases(step.releases).map((namespace) =>
    clusterCommand(step.helm ?? "helm", "list --all", whereabouts(namespace, step, work)),
  );
  return commands.length === 0 ? "helm list --all --all-namespaces" : commands.join("; ");
}

function whereabouts(namespace: string, step: Step, { plan }: KilledWork) {
  return { namespace, kubeconfig: step.kubeconfig ?? deployingKubeconfigs(plan, namespace)[0] };
}

function linesOfCommand({ name, run = [], runDeploys = [] }: Stage): string[] {
  const what = runDeploys.length === 0 ? "nobody here knows what it deploys" : runDeploys.join(", ");
  return [`${name}:`, `  what ${run.join(" ")} deploys: ${what}`];
}

function describe(standing: ReleaseStanding, before: number | undefined): readonly [string, string] {
  switch (standing.kind) {
    case "deployed": {
      const asBefore = standing.revision === before ? ", as before" : "";
      return ["deployed", `revision ${standing.revision}${asBefore}`];
    }
    case "pending":
      return ["pending", standing.status];
    case "absent":
      return ["absent", ""];
    case "other":
      return [standing.status, ""];
    case "unknown":
      return ["could not be looked at", standing.reason];
    default:
      return unreachable(standing);
  }
}
