import { firstOf } from "../core/common/words.ts";
import type { Plan } from "../core/plan/plan.ts";
import { describePending, type PendingRelease } from "../core/rollout/pending-releases.ts";
import type { DeployContext } from "./deploy-context.ts";
import { type LookedAt, lookWhatExists } from "./look-what-exists.ts";
import { exitCodes, Refusal } from "./settings.ts";

/**
 * Looks what exists before anything is deployed, and tells what was left half done. What is seen counts only where it is
 * what is deployed to.
 *
 * @param already.others servers that the helmfiles deploy to and that are not the one that is looked at
 * @param already.knowsNamespaces whether it is told already which namespaces are not there
 */
export async function lookBeforehand(
  plan: Plan,
  already: { readonly others: readonly string[]; readonly knowsNamespaces: boolean },
  context: DeployContext,
): Promise<LookedAt> {
  const { settings, terminal, verb, openCluster: open } = context;
  const { others, knowsNamespaces } = already;
  if (others.length === 0) {
    const looked = await lookWhatExists(plan, { open, tell: terminal.tell, knowsNamespaces });
    tellPending(looked.pending, context);
    return looked;
  }
  const what = `the helmfiles deploy to ${others.join(", ")}, which is not the cluster that is looked at`;
  // Where a wiped cluster is needed, that has been asked about.
  if (settings.kubeconfig !== undefined && !verb.needsWipedCluster) {
    throw new Refusal(`nothing was deployed: ${what} with --kubeconfig`, exitCodes.usage);
  }
  const unmended = settings.fixPending ? ", or mended" : "";
  terminal.tell(`warning: ${what}: what exists is not known, and nothing is watched${unmended}`);
  return { plan, sees: false, seesAll: false, revisions: new Map(), pending: [] };
}

/** Tells what was left half done, and what becomes of it. */
export function tellPending(
  pending: readonly PendingRelease[],
  { settings, terminal }: Pick<DeployContext, "settings" | "terminal">,
): void {
  if (pending.length === 0) return;
  const found = firstOf(pending.map(describePending), 8);
  const what = settings.fixPending
    ? "is mended before its step"
    : "blocks its step; --fix-pending mends it, if no helm works on it now";
  terminal.tell(`left half done, ${what}: ${found}`);
}
