import type { ClusterReader } from "../core/cluster/cluster-reader.ts";
import { namespacesOfReleases } from "../core/common/release.ts";
import type { Plan, Step } from "../core/plan/plan.ts";
import type { Backend, BackendResult, RunContext } from "../core/rollout/backend.ts";
import type { StepFailure, StepOutcome } from "../core/rollout/outcome.ts";
import { BeginPatience } from "./begin-patience.ts";
import { NamespaceWatches } from "./namespace-watch.ts";
import { StepWatch } from "./step-watch.ts";

/** What is watched, and what is known of the rollout meanwhile. */
export interface WatchedBackendOptions {
  /** What the steps belong to: it says which Services containers need, and who brings them. */
  readonly plan: Plan;
  /** Opens the reader for a namespace; steps that run in it at the same time share it. */
  readonly clusterOf: (namespace: string) => ClusterReader;
  /** How a step of the plan ended so far; undefined where it is still to come or runs. */
  readonly outcomeOf: (step: string) => StepOutcome["kind"] | undefined;
  /** Whether a step is ended as soon as it is certain that it cannot succeed. */
  readonly failFast: boolean;
}

/**
 * Watches the namespaces of each step while the backend carries it out, and tells what goes wrong there before helm's
 * `atomic` removes it. It only reads, and never decides that a step succeeded or failed: where it is certain that one
 * cannot succeed, it says so in the step's failure, and with `failFast` asks the step to stop.
 *
 * @example
 * const outcomes = new Map<string, StepOutcome["kind"]>();
 * const watched = watchedBackend(backend, {
 *   plan,
 *   clusterOf: (namespace) => access.open([`/etc/kubernetes/${namespace}-eqiad.config`]),
 *   outcomeOf: (step) => outcomes.get(step),
 *   failFast: false,
 * });
 * const take = (event: RolloutEvent) => {
 *   // It may be tried again: then it is still to come.
 *   if (event.type === "step-started") outcomes.delete(event.step.id);
 *   if (event.type === "step-finished") outcomes.set(event.step.id, event.outcome.kind);
 *   if (event.type === "step-noticed") console.error(renderEvidence(event.evidence).join("\n"));
 * };
 * await execute(plan, { backend: watched, jobs: 8, on: take });
 */
export function watchedBackend(backend: Backend, options: WatchedBackendOptions): Backend {
  const watches = new NamespaceWatches();
  const patience = new BeginPatience(backend);
  return {
    run: (step, context) => runWatched(step, context, { backend, watches, patience, ...options }),
    runCommand: (command, context) => backend.runCommand(command, context),
    now: () => backend.now(),
    sleep: (ms, signal) => backend.sleep(ms, signal),
  };
}

async function runWatched(
  step: Step,
  context: RunContext,
  options: WatchedBackendOptions & {
    readonly backend: Backend;
    readonly watches: NamespaceWatches;
    readonly patience: BeginPatience;
  },
): Promise<BackendResult> {
  const { backend, watches, patience, plan, outcomeOf, clusterOf, failFast } = options;
  const namespaces = namespacesOfReleases(step.releases);
  if (namespaces.length === 0) return backend.run(step, context);
  const stopping = new AbortController();
  const watch = new StepWatch(step, {
    provides: plan.provides ?? [],
    outcomeOf,
    sleep: (ms, signal) => backend.sleep(ms, signal),
    patience,
    notice: (evidence) => context.notice?.(evidence),
    onConclusive: () => {
      if (failFast) stopping.abort();
    },
  });
  // By hand: the context's signal lasts as long as the rollout, and `AbortSignal.any` would hang on to it.
  const stop = () => stopping.abort(context.signal.reason);
  context.signal.addEventListener("abort", stop, { once: true });
  if (context.signal.aborted) stop();
  try {
    await watch.begin(namespaces.map((name) => watches.of(name, () => clusterOf(name))));
    const result = await backend.run(step, { ...context, signal: stopping.signal });
    if (result.ok || "blocked" in result) return result;
    await watch.linger({ forReports: !stopping.signal.aborted, signal: context.signal });
    return explained(result.failure, watch.conclusiveLines);
  } finally {
    context.signal.removeEventListener("abort", stop);
    watch.end();
  }
}

function explained(failure: StepFailure, conclusiveLines: readonly string[]): BackendResult {
  if (conclusiveLines.length === 0) return { ok: false, failure };
  return { ok: false, failure: { ...failure, evidence: [...(failure.evidence ?? []), ...conclusiveLines] } };
}
