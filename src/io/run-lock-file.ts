import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import * as z from "zod";
import { fail, ok, type Result } from "../core/result.ts";
import { fileFaultCode } from "./file-fault.ts";
import { isAlive } from "./run-process.ts";

const holderSchema = z.object({
  /** Its own of each lock that was ever taken. */
  token: z.uuid(),
  run: z.string(),
  pid: z.number().int().positive(),
  processStart: z.string().exactOptional(),
  host: z.string(),
  user: z.string(),
  /** ISO. */
  since: z.string(),
  /** The words of its command line. */
  command: z.array(z.string()),
});

/** Who holds a lock: what its file says. */
export type LockHolder = z.infer<typeof holderSchema>;

/** Who wants it. */
export type LockClaim = Omit<LockHolder, "token">;

export type LockRefusal =
  | { readonly kind: "held"; readonly holder: LockHolder; readonly file: string }
  /** It says nothing that could be understood: nobody knows whether it is held. */
  | { readonly kind: "unreadable"; readonly file: string };

/** A lock that is held. */
export interface HeldLock {
  /** Removes the lock, if it is still this one. */
  release(): void;
}

/**
 * Takes the lock that is a file of this name, or says who has it. Throws what the system throws.
 *
 * Files are linked to the name when they are complete, which fails where there is one: of many, one succeeds, and nobody
 * reads half a file. A lock whose holder is dead is replaced, never removed, so that nobody can slip in between; only
 * who holds a second lock may do so, which is named by the first one's token and so is for this one change alone. If
 * its holder died too it is taken over in the same way. Whoever comes late sees another token in the first and begins again.
 */
export function claimLock(file: string, claim: LockClaim): Result<HeldLock, LockRefusal> {
  for (;;) {
    const mine = { token: randomUUID(), ...claim };
    const found = readHolder(file);
    if (found === "absent") {
      if (link(file, mine)) return ok(held(file, mine.token));
      continue;
    }
    if (found === "unreadable") return fail({ kind: "unreadable", file });
    if (!isStale(found, claim.host)) return fail({ kind: "held", holder: found, file });
    const change = claimLock(changeLockOf(file, found), claim);
    if (!change.ok) return change;
    try {
      const now = readHolder(file);
      if (typeof now === "string" || now.token !== found.token) continue;
      replace(file, mine);
      return ok(held(file, mine.token));
    } finally {
      change.value.release();
    }
  }
}

/** A lock of another host is never stale: nobody can tell from here. */
function isStale(holder: LockHolder, host: string): boolean {
  return holder.host === host && !isAlive(holder);
}

/** Hidden, and never as long as names of its kind in a row would be. */
function changeLockOf(file: string, { token }: LockHolder): string {
  return join(dirname(file), `.change-${token}`);
}

function held(file: string, token: string): HeldLock {
  return {
    release: () => {
      const now = readHolder(file);
      if (typeof now !== "string" && now.token === token) rmSync(file, { force: true });
    },
  };
}

/** False where there is a file of that name. */
function link(file: string, holder: LockHolder): boolean {
  const whole = writeWhole(file, holder);
  try {
    linkSync(whole, file);
    return true;
  } catch (error) {
    if (fileFaultCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

function replace(file: string, holder: LockHolder): void {
  const whole = writeWhole(file, holder);
  try {
    renameSync(whole, file);
  } catch (error) {
    rmSync(whole, { force: true });
    throw error;
  }
}

/** On the disk before it has its name: a power failure must not leave an empty lock. */
function writeWhole(file: string, holder: LockHolder): string {
  const whole = join(dirname(file), `.${basename(file)}-${holder.token}`);
  const fd = openSync(whole, "wx", 0o600);
  try {
    writeSync(fd, JSON.stringify(holder));
    fsyncSync(fd);
  } catch (error) {
    rmSync(whole, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  return whole;
}

function readHolder(file: string): LockHolder | "absent" | "unreadable" {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (fileFaultCode(error) === "ENOENT") return "absent";
    if (fileFaultCode(error) === "EACCES") return "unreadable";
    throw error;
  }
  try {
    const parsed = holderSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : "unreadable";
  } catch {
    return "unreadable";
  }
}
