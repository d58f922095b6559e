import type { Backend, BackendResult, ProgramResult, RunContext } from "../core/backend.ts";
import type { ClusterReader } from "../core/cluster-reader.ts";
import { describeFailure } from "../core/outcome.ts";
import { mendingCommand, type PendingRelease, pendingReleases } from "../core/pending-releases.ts";
import type { Step } from "../core/plan.ts";
import { namespacesOfReleases } from "../core/release.ts";

export interface PendingGuardOptions {
  readonly clusterOf: (namespace: string) => ClusterReader;
  /** Whether what was left half done is mended; else the step is blocked. */
  readonly fix: boolean;
  /** Runs a command of helm's with what the step's helmfile runs with. */
  readonly run: (
    command: readonly [string, ...string[]],
    step: Step,
    context: RunContext,
  ) => Promise<ProgramResult>;
}

/**
 * Looks, before the backend carries a step out, whether one of its releases was left half done by a helm that did not
 * come to its end; helm would refuse to touch it. And after: helm can end well although its last write failed, and
 * then the release is still half done.
 */
export function pendingGuard(backend: Backend, options: PendingGuardOptions): Backend {
  return {
    run: (step, context) => runGuarded(step, context, { backend, ...options }),
    runCommand: (command, context) => backend.runCommand(command, context),
    now: () => backend.now(),
    sleep: (ms, signal) => backend.sleep(ms, signal),
  };
}

async function runGuarded(
  step: Step,
  context: RunContext,
  options: PendingGuardOptions & { readonly backend: Backend },
): Promise<BackendResult> {
  const found = await look(step, options);
  for (const reason of found.unknown) context.output(`what was left half done is not known: ${reason}`);
  if (context.signal.aborted) return { ok: false, blocked: "interrupted" };
  const reason = options.fix
    ? await mend(found.pending, { step, context, ...options })
    : describePending(found.pending, { step, ...options });
  if (reason !== undefined) return { ok: false, blocked: reason };
  const result = await options.backend.run(step, context);
  if (!result.ok || context.signal.aborted) return result;
  const { pending } = await look(step, options);
  if (pending.length === 0) return result;
  const left = pending.map(({ id, status }) => `${id} ${status}`).join(", ");
  const lastLines = [`Error: helmfile ended well, but left ${left}`];
  return { ok: false, failure: { kind: "exit", exitCode: 0, lastLines } };
}

interface Found {
  readonly pending: readonly PendingRelease[];
  /** Why a namespace could not be read. */
  readonly unknown: readonly string[];
}

async function look({ releases }: Step, { clusterOf }: PendingGuardOptions): Promise<Found> {
  const readings = await Promise.all(
    namespacesOfReleases(releases).map((namespace) => clusterOf(namespace).releases(namespace)),
  );
  return {
    pending: readings.flatMap((read) => (read.ok ? pendingReleases(releases, read.value) : [])),
    unknown: readings.flatMap((read) => (read.ok ? [] : [read.failure.message])),
  };
}

/** Why the step cannot begin; undefined where nothing is pending. */
function describePending(
  pending: readonly PendingRelease[],
  options: PendingGuardOptions & { readonly step: Step },
): string | undefined {
  if (pending.length === 0) return undefined;
  const found = pending.map(({ id, status }) => `${id} is ${status}`).join(", ");
  const commands = pending.map((one) => commandFor(one, options).join(" ")).join("; ");
  return `${found}: a helm did not come to its end; if none works on it now, --fix-pending mends it, by: ${commands}`;
}

/** Why it could not be mended; undefined where it was. */
async function mend(
  pending: readonly PendingRelease[],
  options: PendingGuardOptions & { readonly step: Step; readonly context: RunContext },
): Promise<string | undefined> {
  const { step, context, run } = options;
  for (const one of pending) {
    const command = commandFor(one, options);
    context.mending?.({ release: one.id, status: one.status, command });
    const result = await run(command, step, context);
    if (!result.ok) {
      return `${one.id} is ${one.status}, and could not be mended: ${command.join(" ")}: ${describeFailure(result.failure)}`;
    }
  }
  const left = pending.length > 0 && !context.signal.aborted ? (await look(step, options)).pending : [];
  if (left.length === 0) return undefined;
  return `${left.map(({ id, status }) => `${id} is ${status}`).join(", ")}, also after it was mended: somebody else works on it`;
}

/** With the kubeconfig that the helmfile hands to helm. */
function commandFor(
  pending: PendingRelease,
  { step, clusterOf }: Pick<PendingGuardOptions, "clusterOf"> & { readonly step: Step },
): [string, ...string[]] {
  const kubeconfig = step.kubeconfig ?? clusterOf(pending.namespace).kubeconfig;
  return mendingCommand(pending, { helm: step.helm, kubeconfig });
}
