import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fail, ok, type Result, unreachable } from "../core/result.ts";
import { describeFileFault } from "./file-fault.ts";
import { claimLock, type HeldLock, type LockHolder } from "./run-lock-file.ts";
import { runOrigin } from "./run-origin.ts";
import { ownProcess } from "./run-process.ts";
import { makeStateSubfolder } from "./state-folder.ts";

// Not proper-lockfile: it judges by time whether a lock is stale. A killed holder would then block for seconds, a laptop
// that slept would lose its lock while its helmfiles still run, and it cannot say who holds it.

/** The lock of an environment, held. */
export interface RunLock {
  readonly run: string;
  readonly file: string;
  /** Gives it back, unless somebody else has it by now. Never throws: a process that ends loses its lock anyway. */
  readonly release: () => void;
}

/** Why the lock could not be had. */
export type LockFailure =
  | {
      readonly kind: "held";
      readonly environment: string;
      readonly holder: LockHolder;
      /** It is of another host, so nobody here can tell whether it is alive. */
      readonly foreign: boolean;
      readonly file: string;
    }
  | { readonly kind: "unreadable"; readonly environment: string; readonly file: string }
  /** The system did not let the file be made. */
  | { readonly kind: "not-made"; readonly environment: string; readonly reason: string }
  | { readonly kind: "interrupted" };

export interface RunLockOptions {
  /** The state folder. */
  readonly folder: string;
  readonly environment: string;
  /**
   * Names the run, each time that the lock is tried for: a run that waited begins only then, and is to sort behind the
   * one that it waited for.
   */
  readonly run: () => string;
  /** The words of the command line. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long to wait for another holder. @default 0 */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
  /** Told once of each holder that is waited for. */
  readonly onWaiting?: (holder: LockHolder) => void;
}

/** How often it is tried again. */
const againMs = 1000;

/**
 * Takes the lock of an environment: on this host, one run at a time deploys to it, among those with the same state
 * folder. The lock of a process that is dead is taken over.
 */
export async function takeRunLock(options: RunLockOptions): Promise<Result<RunLock, LockFailure>> {
  const { waitMs = 0, signal, onWaiting } = options;
  const until = performance.now() + waitMs;
  const told = new Set<string>();
  for (;;) {
    const taken = tryLock(options);
    const left = until - performance.now();
    if (taken.ok || taken.failure.kind !== "held" || left <= 0) return taken;
    const { holder } = taken.failure;
    if (!told.has(holder.token)) onWaiting?.(holder);
    told.add(holder.token);
    try {
      await sleep(Math.min(againMs, left), undefined, signal && { signal });
    } catch {
      return fail({ kind: "interrupted" });
    }
  }
}

/** Says for people why the lock could not be had, and what to do about it. */
export function describeLockFailure(failure: LockFailure): string {
  switch (failure.kind) {
    case "held": {
      const { environment, foreign, file, holder } = failure;
      const who = describeHolder(holder);
      const remedy = foreign
        ? `whether it still runs can only be seen on ${holder.host}; if it does not, remove ${file}`
        : "wait for it by --wait SECONDS";
      return `another run deploys to ${environment}: ${who}\n  to do: ${remedy}`;
    }
    case "unreadable":
      return `who holds the lock of ${failure.environment} cannot be read: ${failure.file}\n  to do: if nobody deploys to it, remove that file`;
    case "not-made":
      return `the lock of ${failure.environment} cannot be taken: ${failure.reason}`;
    case "interrupted":
      return "interrupted while it waited for the lock";
    default:
      return unreachable(failure);
  }
}

/** `RUN by USER on HOST (process PID) since TIME: COMMAND` */
function describeHolder({ run, user, host, pid, since, command }: LockHolder): string {
  return `${run} by ${user} on ${host} (process ${pid}) since ${since}: ${command.join(" ")}`;
}

function tryLock({ folder, environment, run, command, env }: RunLockOptions): Result<RunLock, LockFailure> {
  try {
    const file = join(makeStateSubfolder(folder, "locks"), `${environment}.lock`);
    const name = run();
    const { user, host } = runOrigin(env);
    const since = new Date().toISOString();
    const claim = { run: name, ...ownProcess(), host, user, since, command: [...command] };
    const taken = claimLock(file, claim);
    if (taken.ok) return ok({ run: name, file, release: () => releaseQuietly(taken.value) });
    const { failure } = taken;
    if (failure.kind === "unreadable") return fail({ ...failure, environment });
    return fail({ ...failure, environment, foreign: failure.holder.host !== host });
  } catch (error) {
    return fail({ kind: "not-made", environment, reason: describeFileFault(error) });
  }
}

function releaseQuietly(lock: HeldLock): void {
  try {
    lock.release();
  } catch {
    // It is stale as soon as this process has ended.
  }
}
