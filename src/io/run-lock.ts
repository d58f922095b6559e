import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { plainLine } from "../core/common/plain-line.ts";
import { fail, ok, type Result, unreachable } from "../core/common/result.ts";
import { describeFileFault, textIn } from "./file-fault.ts";
import { type LeftRunning, leftAgainMs, leftGraceMs, refusalForLeft } from "./left-running.ts";
import { ownProcess, type ProcessIdentity, processOf } from "./process-identity.ts";
import { claimLock, type HeldLock, type LockClaim, type LockHolder } from "./run-lock-file.ts";
import type { LeftProgram } from "./run-lock-programs.ts";
import { runOrigin } from "./run-origin.ts";
import { runningGroups, watchPrograms } from "./running-programs.ts";
import { makeSharedFolder } from "./shared-folder.ts";
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
      /** What it left running when it was killed; empty as long as it lives. */
      readonly left: readonly LeftProgram[];
    }
  | { readonly kind: "unreadable"; readonly environment: string; readonly file: string }
  /** The system did not let the file be made. */
  | { readonly kind: "not-made"; readonly environment: string; readonly reason: string }
  | { readonly kind: "interrupted" };

export interface RunLockOptions {
  /** The state folder. */
  readonly folder: string;
  /** Where all users of the host lock the environment; without it only the runs with the same state folder do. */
  readonly shared?: string;
  /** Told where that cannot be used, once of each reason: then the runs of other users are not seen. */
  readonly onUnshared?: (reason: string) => void;
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
  /** Told once of each holder that is waited for, and of what it left running when it was killed. */
  readonly onWaiting?: (holder: LockHolder, left: readonly LeftRunning[]) => void;
  /**
   * Told once where it cannot be written down which programs run: if this process is killed, another run may begin
   * beside them.
   */
  readonly onUnkept?: (reason: string) => void;
}

/** How often it is tried again, in milliseconds. */
const againMs = 1000;

/**
 * Takes the lock of an environment: on this host, one run at a time deploys to it. The lock of a process that is dead is
 * taken over.
 *
 * It is two: one for all users of the host, and one in the state folder, as not everybody names the same folder for all.
 */
export async function takeRunLock(options: RunLockOptions): Promise<Result<RunLock, LockFailure>> {
  const { waitMs = 0, signal, onWaiting, onUnshared } = options;
  const began = performance.now();
  const told = new Set<string>();
  const tellUnshared = (reason: string) => {
    if (!told.has(reason)) onUnshared?.(reason);
    told.add(reason);
  };
  for (;;) {
    const taken = tryLocks({ ...options, onUnshared: tellUnshared });
    if (taken.ok || taken.failure.kind !== "held") return taken;
    const { holder, left } = taken.failure;
    const isKilled = left.length > 0;
    const leftMs = (isKilled ? Math.max(waitMs, leftGraceMs) : waitMs) - (performance.now() - began);
    if (leftMs <= 0) return taken;
    if (!told.has(holder.token) && (!isKilled || leftMs > leftGraceMs)) {
      onWaiting?.(holder, leftRunning(holder, left));
      told.add(holder.token);
    }
    try {
      await sleep(Math.min(isKilled ? leftAgainMs : againMs, leftMs), undefined, signal && { signal });
    } catch {
      return fail({ kind: "interrupted" });
    }
  }
}

/** Says for people why the lock could not be had, and what to do about it. */
export function describeLockFailure(failure: LockFailure): string {
  switch (failure.kind) {
    case "held":
      return describeHeld(failure);
    case "unreadable":
      return `who holds the lock of ${failure.environment} cannot be read: ${failure.file}\n  to do: if nobody deploys to it, remove that file`;
    case "not-made":
      return `the lock of ${failure.environment} cannot be taken: ${failure.reason}\n  to do: mend that, or name another folder by --state_dir`;
    case "interrupted":
      return "interrupted while it waited for the lock";
    default:
      return unreachable(failure);
  }
}

function describeHeld(failure: Extract<LockFailure, { kind: "held" }>): string {
  const { environment, foreign, file, holder, left } = failure;
  if (left.length > 0) return refusalForLeft(environment, leftRunning(holder, left), holder.user);
  const remedy = foreign
    ? `whether it still runs can only be seen on ${holder.host}; if it does not, remove ${file}`
    : `wait for it by --wait SECONDS; if process ${holder.pid} is no run at all, remove ${file}`;
  return `another run deploys to ${environment}: ${describeHolder(holder)}\n  to do: ${remedy}`;
}

function leftRunning({ run }: LockHolder, left: readonly LeftProgram[]): LeftRunning[] {
  return left.map(({ pid, command }) => ({ run, pid, group: pid, command }));
}

/** `RUN by USER on HOST (process PID) since TIME: COMMAND` */
function describeHolder({ run, user, host, pid, since, command }: LockHolder): string {
  return plainLine(`${run} by ${user} on ${host} (process ${pid}) since ${since}: ${command.join(" ")}`);
}

/** What of a claim is the same for both locks. */
interface Claimed {
  readonly environment: string;
  readonly claim: LockClaim;
}

function tryLocks(options: RunLockOptions): Result<RunLock, LockFailure> {
  const { folder, shared, onUnshared, environment } = options;
  let claim: LockClaim;
  try {
    claim = claimOf(options);
  } catch (error) {
    return fail({ kind: "not-made", environment, reason: faultWithPath(error) });
  }
  const claimed = { environment, claim };
  const ofAll = shared === undefined ? undefined : trySharedLock(shared, claimed);
  if (ofAll && !ofAll.ok) {
    // To deploy unseen is better than not to deploy on the day when a cluster is down.
    if (ofAll.failure.kind !== "not-made") return ofAll;
    onUnshared?.(ofAll.failure.reason);
  }
  const own = tryLock(() => makeStateSubfolder(folder, "locks"), { ...claimed, mode: 0o600 });
  const locks = [own, ...(ofAll?.ok ? [ofAll] : [])].flatMap((one) => (one.ok ? [one.value] : []));
  if (!own.ok) {
    for (const { lock } of locks) releaseQuietly(lock);
    return own;
  }
  const forget = keepPrograms(
    locks.map(({ lock }) => lock),
    options.onUnkept,
  );
  const release = () => {
    forget();
    for (const { lock } of locks) releaseQuietly(lock);
  };
  return ok({ run: claim.run, file: (ofAll?.ok ? ofAll : own).value.file, release });
}

/** Has the locks say which programs run, from now on. What they start meanwhile must not fail because of that. */
function keepPrograms(locks: readonly HeldLock[], onUnkept: RunLockOptions["onUnkept"]): () => void {
  const known = new Map<number, ProcessIdentity>();
  let isTold = false;
  return watchPrograms(() => {
    const groups = runningGroups();
    for (const pid of known.keys()) if (!groups.includes(pid)) known.delete(pid);
    for (const pid of groups) if (!known.has(pid)) known.set(pid, processOf(pid));
    // Each for itself: a full disk at home is no reason to leave the others of the host in the dark.
    for (const lock of locks) {
      try {
        lock.keepPrograms([...known.values()]);
      } catch (error) {
        if (!isTold) onUnkept?.(describeFileFault(error));
        isTold = true;
      }
    }
  });
}

function claimOf({ run, command, env }: RunLockOptions): LockClaim {
  const { user, host } = runOrigin(env);
  const since = new Date().toISOString();
  return { run: run(), ...ownProcess(), host, user, since, command: [...command] };
}

/** One of the two locks. */
interface OneLock {
  readonly lock: HeldLock;
  readonly file: string;
}

function trySharedLock(folder: string, claimed: Claimed): Result<OneLock, LockFailure> {
  const { environment } = claimed;
  const made = makeSharedFolder(folder);
  if (!made.ok) return fail({ kind: "not-made", environment, reason: `${folder}: ${made.failure}` });
  return tryLock(() => made.value, { ...claimed, mode: 0o644 });
}

function tryLock(
  folder: () => string,
  { environment, claim, mode }: Claimed & { readonly mode: number },
): Result<OneLock, LockFailure> {
  let file: string | undefined;
  try {
    file = join(folder(), `${environment}.lock`);
    const taken = claimLock(file, claim, { mode });
    if (taken.ok) return ok({ lock: taken.value, file });
    const { failure } = taken;
    if (failure.kind === "unreadable") return fail({ ...failure, environment });
    return fail({ ...failure, environment, foreign: failure.holder.host !== claim.host });
  } catch (error) {
    // What the system names may be the file that becomes the lock, and was only there for a moment.
    const reason = file === undefined ? faultWithPath(error) : `${file}: ${describeFileFault(error)}`;
    return fail({ kind: "not-made", environment, reason });
  }
}

function faultWithPath(error: unknown): string {
  const path = textIn(error, "path");
  return `${path === undefined ? "" : `${path}: `}${describeFileFault(error)}`;
}

function releaseQuietly(lock: HeldLock): void {
  try {
    lock.release();
  } catch {
    // It is stale as soon as this process has ended.
  }
}
