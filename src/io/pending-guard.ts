import type { ClusterReader } from "../core/cluster/cluster-reader.ts";
import { namespacesOfReleases } from "../core/common/release.ts";
import { describeFailure } from "../core/helmfile-output/describe-failure.ts";
import { retryableHelmReason } from "../core/helmfile-output/retryable-failures.ts";
import type { Step } from "../core/plan/plan.ts";
import type { Backend, BackendResult, ProgramResult, RunContext } from "../core/rollout/backend.ts";
import { interrupted } from "../core/rollout/outcome-reasons.ts";
import {
  describePending,
  mendingCommand,
  type PendingRelease,
  pendingReleases,
} from "../core/rollout/pending-releases.ts";

export interface PendingGuardOptions {
  readonly clusterOf: (namespace: string) => ClusterReader;
  /** Whether what was left half done is mended; else the step is blocked. */
  readonly fix: boolean;
  /**
   * What was half done before the rollout: helm's revision, by release. Only that is mended, and what steps of the rollout
   * itself have left: on anything else somebody works now.
   */
  readonly found: ReadonlyMap<string, number>;
  /** Whether the release was looked at then, for the words: what was not may be somebody else's, however old it looks. */
  readonly wasLookedAt: (release: string) => boolean;
  /** Runs a command of helm's to its end, with what the step's helmfile runs with. */
  readonly run: (
    command: readonly [string, ...string[]],
    step: Step,
    output: RunContext["output"],
  ) => Promise<ProgramResult>;
}

/**
 * Looks, before the backend carries a step out, whether one of its releases was left half done by a helm that did not
 * come to its end; helm would refuse to touch it. And after: helm can end well although its last write failed, and
 * then the release is still half done.
 */
export function pendingGuard(backend: Backend, options: PendingGuardOptions): Backend {
  const guard = new PendingGuard(backend, options);
  return {
    run: (step, context) => guard.run(step, context),
    runCommand: (command, context) => backend.runCommand(command, context),
    now: () => backend.now(),
    sleep: (ms, signal) => backend.sleep(ms, signal),
  };
}

/** How often a release is mended that could not be for what passes by itself. */
const mostTries = 3;
/** The wait before the second time, in milliseconds; before the third it is twice as long. */
const firstWaitMs = 5_000;

/** A cluster that takes so long to fail, in milliseconds, is not asked again for a while: each step would wait for it. */
const tooLongMs = 2_000;
const silenceMs = 30_000;

interface Found {
  readonly pending: readonly PendingRelease[];
  /** Why a namespace could not be read. */
  readonly unknown: readonly string[];
}

class PendingGuard {
  readonly #backend: Backend;
  readonly #options: PendingGuardOptions;
  /** Steps that have begun in this rollout: what they left half done is its own. */
  readonly #begun = new Set<string>();
  #silentUntil = Number.NEGATIVE_INFINITY;

  constructor(backend: Backend, options: PendingGuardOptions) {
    this.#backend = backend;
    this.#options = options;
  }

  async run(step: Step, context: RunContext): Promise<BackendResult> {
    if (step.kubeContext !== undefined) {
      context.output(
        `its helmfile names the context ${step.kubeContext}: what was left half done is not looked for`,
      );
      return this.#backend.run(step, context);
    }
    const found = await this.#look(step, context);
    const reason = await this.#whyNot(found.pending, step, context);
    if (context.signal.aborted) return { ok: false, blocked: interrupted };
    if (reason !== undefined) return { ok: false, blocked: reason };
    this.#begun.add(step.id);
    const result = await this.#backend.run(step, context);
    if (!result.ok || context.signal.aborted) return result;
    const { pending } = await this.#look(step, context);
    if (pending.length === 0) return result;
    const left = pending.map(({ id, status }) => `${id} ${status}`).join(", ");
    return { ok: false, failure: { kind: "other", message: `helmfile ended well, but left ${left}` } };
  }

  /** Why the step cannot begin; undefined where nothing is pending, or not any more. */
  async #whyNot(
    pending: readonly PendingRelease[],
    step: Step,
    context: RunContext,
  ): Promise<string | undefined> {
    const { fix, found, wasLookedAt } = this.#options;
    for (const one of pending) {
      const isOurs = this.#begun.has(step.id) || found.get(one.id) === one.revision;
      if (!isOurs) {
        const why = wasLookedAt(one.id)
          ? "was not when this rollout began"
          : "was not looked at when this rollout began";
        return `${describePending(one)}, and ${why}: somebody else may be at work on it`;
      }
      const reason = fix ? await this.#mend(one, step, context) : this.#remedy(one, step);
      if (reason !== undefined || context.signal.aborted) return reason;
    }
    return undefined;
  }

  #remedy(pending: PendingRelease, step: Step): string {
    const command = this.#commandFor(pending, step);
    const what = `${describePending(pending)}: a helm did not come to its end`;
    if (!command) return `${what}, and no revision is known to go back to: mend it by hand`;
    return `${what}; if none works on it now, --fix-pending mends it, by: ${command.join(" ")}`;
  }

  /** Why it could not be mended; undefined where it was. */
  async #mend(pending: PendingRelease, step: Step, context: RunContext): Promise<string | undefined> {
    const command = this.#commandFor(pending, step);
    if (!command) return this.#remedy(pending, step);
    for (let tries = 1; ; tries += 1) {
      context.mending?.({ release: pending.id, status: pending.status, command });
      const result = await this.#options.run(command, step, context.output);
      // A rollback that failed is no rollback any more: helm goes on from there.
      const now = await this.#look(step, context);
      const isPending = now.pending.some(({ id }) => id === pending.id);
      if (!isPending && (result.ok || now.unknown.length === 0)) return undefined;
      if (result.ok)
        return `${describePending(pending)}, also after it was mended: somebody else works on it`;
      const reason = tries < mostTries ? passingReason(result) : undefined;
      if (reason === undefined || context.signal.aborted) {
        return `${describePending(pending)}, and could not be mended: ${command.join(" ")}: ${describeFailure(result.failure)}`;
      }
      context.output(`as ${reason}, it is mended again in a while`);
      await this.#backend.sleep(firstWaitMs * tries, context.signal);
    }
  }

  /** With the kubeconfig that the helmfile hands to helm. */
  #commandFor(pending: PendingRelease, step: Step): [string, ...string[]] | undefined {
    const kubeconfig = step.kubeconfig ?? this.#options.clusterOf(pending.namespace).kubeconfig;
    return mendingCommand(pending, { helm: step.helm, kubeconfig });
  }

  async #look({ releases }: Step, { signal, output }: RunContext): Promise<Found> {
    const began = this.#backend.now();
    if (began < this.#silentUntil) return notLooked(output, ["the cluster did not answer a moment ago"]);
    const { clusterOf } = this.#options;
    const readings = await unlessAborted(
      Promise.all(
        namespacesOfReleases(releases).map((namespace) => clusterOf(namespace).releases(namespace)),
      ),
      signal,
    );
    if (!readings) return { pending: [], unknown: [interrupted] };
    const unknown = readings.flatMap((read) => (read.ok ? [] : [read.failure.message]));
    const ended = this.#backend.now();
    if (unknown.length > 0 && ended - began > tooLongMs) this.#silentUntil = ended + silenceMs;
    if (unknown.length > 0) notLooked(output, unknown);
    return {
      pending: readings.flatMap((read) => (read.ok ? pendingReleases(releases, read.value) : [])),
      unknown,
    };
  }
}

function notLooked(output: RunContext["output"], unknown: readonly string[]): Found {
  for (const reason of unknown) output(`what was left half done is not known: ${reason}`);
  return { pending: [], unknown };
}

function passingReason(result: Extract<ProgramResult, { ok: false }>): string | undefined {
  return result.failure.kind === "exit" ? retryableHelmReason(result.failure.lastLines) : undefined;
}

/** Undefined as soon as the signal aborts: whoever stops does not wait for an answer. */
async function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  if (signal.aborted) return undefined;
  const done = new AbortController();
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true, signal: done.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    done.abort();
  }
}
