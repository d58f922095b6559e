import type { Plan } from "../core/plan/plan.ts";
import type { Backend } from "../core/rollout/backend.ts";
import type { StepOutcome } from "../core/rollout/outcome.ts";
import type { PendingRelease } from "../core/rollout/pending-releases.ts";
import { helmfileEnvironment, stepEnvironment } from "../io/helmfile.ts";
import { helmfileBackend } from "../io/helmfile-backend.ts";
import { pendingGuard } from "../io/pending-guard.ts";
import { runProgram } from "../io/run-program.ts";
import { watchedBackend } from "../io/watched-backend.ts";
import { readerOf } from "./cluster-readers.ts";
import type { DeployContext } from "./deploy-context.ts";

/**
 * What carries the steps of a rollout out: helmfile, behind the look for what was left half done, watched in the
 * cluster; helmfile alone where the cluster cannot be looked at.
 */
export function stepBackend(
  plan: Plan,
  {
    settings,
    env,
    openCluster,
    sees,
    pending,
    revisions,
    outcomeOf,
    congested,
  }: Pick<DeployContext, "settings" | "env" | "openCluster"> & {
    readonly sees: boolean;
    /** What was left half done before the rollout. */
    readonly pending: readonly PendingRelease[];
    /** Of the releases that were looked at then. */
    readonly revisions: ReadonlyMap<string, number>;
    readonly outcomeOf: (step: string) => StepOutcome["kind"] | undefined;
    readonly congested: () => Promise<void> | undefined;
  },
): Backend {
  const helmfile = helmfileBackend({
    env,
    congested,
    logsItself: plan.log === undefined,
    leftoverLimitMs: settings.rollbackLimitSeconds * 1000,
  });
  if (!sees) return helmfile;
  const clusterOf = (namespace: string) => readerOf(plan, namespace, openCluster);
  const watched = watchedBackend(helmfile, { plan, failFast: settings.failFast, clusterOf, outcomeOf });
  return pendingGuard(watched, {
    clusterOf,
    fix: settings.fixPending,
    found: new Map(pending.map(({ id, revision }) => [id, revision])),
    wasLookedAt: (release) => revisions.has(release),
    // Not interrupted: helm handles that in install and upgrade only. A second signal ends it like all else.
    run: (command, step, output) => {
      const { signal } = new AbortController();
      return runProgram(command, { signal, output, env: stepEnvironment(step, helmfileEnvironment(env)) });
    },
  });
}
