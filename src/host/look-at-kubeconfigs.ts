import type { DoneBefore } from "../core/journal/run-resume.ts";
import { handOffKubeconfigs } from "../core/plan/cluster-kubeconfigs.ts";
import type { Plan } from "../core/plan/plan.ts";
import { kubeconfigFault } from "../io/cluster-access.ts";
import type { DeployContext } from "./deploy-context.ts";

/**
 * Warns where the plugin will look at the cluster before the command of a stage begins, and cannot: else that is known only
 * when all the rest is deployed. No server is asked.
 *
 * @param done what an earlier run has handed over is not handed over again
 */
export async function warnOfKubeconfigs(
  plan: Plan,
  done: Pick<DoneBefore, "commands">,
  {
    settings,
    plugin,
    terminal,
    env,
    interruption,
  }: Pick<DeployContext, "settings" | "plugin" | "terminal" | "env" | "interruption">,
): Promise<void> {
  const { signal } = interruption;
  // With the operator's own all else is looked at, too.
  if (settings.kubeconfig !== undefined || !plugin.answers("stage:before")) return;
  for (const stage of plan.stages) {
    const { name, run } = stage;
    if (!run || settings.skipGates.includes(name) || done.commands.has(name)) continue;
    const faults = await Promise.all(
      handOffKubeconfigs(plan, stage).map((kubeconfigs) => kubeconfigFault(kubeconfigs, { env, signal })),
    );
    if (signal.aborted) return;
    const told = [...new Set(faults.flatMap((fault) => fault ?? []))];
    if (told.length === 0) continue;
    terminal.tell(
      [
        `warning: ${name} will be kept back: whether it may begin cannot be looked up, as`,
        ...told.slice(0, mostTold).map((fault) => `  ${fault}`),
        ...(told.length > mostTold ? [`  and ${told.length - mostTold} more`] : []),
        `  named by: ${namedBy(plan, plugin.registryText?.file)}`,
        "  to do: name one that can be read with --kubeconfig FILE; all else is deployed without it",
      ].join("\n"),
    );
  }
}

/** One for each namespace of a cluster would bury what to do. */
const mostTold = 8;

function namedBy({ cluster }: Plan, registry: string | undefined): string {
  if (cluster?.kubeconfig === undefined) return "$KUBECONFIG or $HOME, as the registry names none";
  const where = registry === undefined ? "" : ` in ${registry}`;
  return `kubeconfig: ${cluster.kubeconfig}${where}`;
}
