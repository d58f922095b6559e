import { readFileSync } from "node:fs";
import { standingOf } from "./proc.ts";

/** A process, told from a later one that got the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /**
   * The boot of the machine and the time since then at which the process was started (`BOOT:TICKS`); absent where the
   * system does not say.
   */
  readonly processStart?: string;
}

/** This process. */
export function ownProcess(): ProcessIdentity {
  return processOf(process.pid);
}

/** The process that has this number now. */
export function processOf(pid: number): ProcessIdentity {
  const found = startOf(pid);
  return { pid, ...(found !== undefined && { processStart: found.start }) };
}

/** Whether a process of this host is still there. One that ended and that nobody waited for is not. */
export function isAlive({ pid, processStart }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Not permitted: there is one, of another user.
    const isThere = error instanceof Error && "code" in error && error.code === "EPERM";
    if (!isThere) return false;
  }
  const found = startOf(pid);
  if (!found) return true;
  if (found.ended) return false;
  return processStart === undefined || processStart === found.start;
}

/** Whether it may have been started since the machine was: what ran before that is dead, with all that it had started. */
export function isOfThisBoot({ processStart }: Pick<ProcessIdentity, "processStart">): boolean {
  const boot = bootId();
  return boot === undefined || processStart === undefined || processStart.startsWith(`${boot}:`);
}

function bootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Undefined where the system does not say. */
function startOf(pid: number): { readonly start: string; readonly ended: boolean } | undefined {
  const standing = standingOf(pid);
  if (!standing) return undefined;
  const boot = bootId();
  return boot === undefined ? undefined : { start: `${boot}:${standing.startTicks}`, ended: standing.isDead };
}
