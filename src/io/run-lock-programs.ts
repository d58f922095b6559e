import { closeSync, fchmodSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fail, ok, type Result } from "../core/common/result.ts";
import * as z from "../core/common/zod.ts";
import { fileFaultCode } from "./file-fault.ts";
import { findMarked } from "./left-processes.ts";
import { readPlainFile } from "./plain-file.ts";
import { hasLivingMember, wordsOf } from "./proc.ts";
import { type ProcessIdentity, processOf } from "./process-identity.ts";
import { isMarkOf } from "./run-mark.ts";

/** What the holder of a lock has started and what still runs, each the leader of a process group of its own. */
const programsSchema = z.object({
  // Never 1: to signal that group is to signal all that there is.
  programs: z
    .array(z.object({ pid: z.int().check(z.minimum(2)), processStart: z.exactOptional(z.string()) }))
    .check(z.maxLength(1_000)),
});

/** A program that the holder of a lock left running: it may still change the cluster. */
export interface LeftProgram {
  /** Of its process group, and of the one that led it. */
  readonly pid: number;
  /** The words of its command line; empty where they cannot be read. */
  readonly command: readonly string[];
}

/** Hidden, beside the lock, and named by its token: whoever holds the lock next does not write to the same file. */
export function programsFile(lock: string, token: string): string {
  return join(dirname(lock), `.programs-${token}`);
}

/**
 * Says who is to be waited for if this process is killed. The file is complete or not there at all; after a power
 * failure it may be anything, and nobody asks for it then. Throws what the system throws.
 */
export function writePrograms(
  file: string,
  { programs, mode }: { readonly programs: readonly ProcessIdentity[]; readonly mode: number },
): void {
  const whole = `${file}-new`;
  rmSync(whole, { force: true });
  const fd = openSync(whole, "wx", mode);
  try {
    fchmodSync(fd, mode);
    writeFileSync(fd, JSON.stringify({ programs }));
  } finally {
    closeSync(fd);
  }
  renameSync(whole, file);
}

/** Removes it, if that can be done: left behind it is in nobody's way. */
export function removePrograms(file: string): void {
  for (const name of [`${file}-new`, file]) {
    try {
      rmSync(name, { force: true });
    } catch {
      // Nobody asks for it any more.
    }
  }
}

/**
 * Those that still run; a failure where nobody can tell. Throws what the system throws.
 *
 * A run can be killed between the start of a program and the line about it. Such a program of this user is known by the
 * mark of its run.
 */
export function leftPrograms(file: string, run: string): Result<readonly LeftProgram[], "unreadable"> {
  const written = writtenPrograms(file);
  if (!written.ok) return written;
  const known = new Set(written.value.map(({ pid }) => pid));
  const marked = findMarked((mark) => isMarkOf(mark, run)).filter(({ group }) => !known.has(group));
  return ok([...written.value, ...marked.map(({ group, command }) => ({ pid: group, command }))]);
}

function writtenPrograms(file: string): Result<readonly LeftProgram[], "unreadable"> {
  let text: string | undefined;
  try {
    text = readPlainFile(file);
  } catch (error) {
    const code = fileFaultCode(error);
    // It had started nothing.
    if (code === "ENOENT") return ok([]);
    if (code === "EACCES" || code === "ELOOP") return fail("unreadable");
    throw error;
  }
  const parsed = z.safeParse(programsSchema, parseJson(text));
  if (!parsed.success) return fail("unreadable");
  const left = parsed.data.programs.filter(groupRuns);
  return ok(left.map(({ pid }) => ({ pid, command: wordsOf(pid, "cmdline") })));
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

/** Whether anything of the group runs that this process led, of whatever user. */
function groupRuns({ pid, processStart }: ProcessIdentity): boolean {
  if (!groupExists(pid)) return false;
  const now = processOf(pid).processStart;
  // As long as anything of the group was there, nobody else could get its number.
  if (now !== undefined && processStart !== undefined && now !== processStart) return false;
  return hasLivingMember(pid);
}

function groupExists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch (error) {
    // Not permitted: there is one, of another user.
    return fileFaultCode(error) === "EPERM";
  }
}
