import { randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
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
import { plainLine } from "../core/plain-line.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { fileFaultCode } from "./file-fault.ts";
import { isAlive } from "./run-process.ts";

/** In a folder for all users anybody may have written it, and it is shown on a terminal. */
const shown = z.string().transform((text) => plainLine(text));

const holderSchema = z.object({
  /** Its own of each lock that was ever taken. */
  token: z.uuid(),
  run: shown,
  pid: z.number().int().positive(),
  processStart: z.string().exactOptional(),
  host: shown,
  user: shown,
  /** ISO. */
  since: shown,
  /** The words of its command line. */
  command: z.array(shown),
});

/** Longer than a command line can be on any system of today. */
const maxBytes = 4 * 1024 * 1024;

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
 *
 * @param options `mode`: who may read it, whatever the umask says; this user alone if left out
 */
export function claimLock(
  file: string,
  claim: LockClaim,
  options: { readonly mode?: number } = {},
): Result<HeldLock, LockRefusal> {
  const { mode = 0o600 } = options;
  for (;;) {
    const mine = { token: randomUUID(), ...claim };
    const found = readHolder(file);
    if (found === "absent") {
      if (link(file, { holder: mine, mode })) return ok(held(file, mine.token));
      continue;
    }
    if (found === "unreadable") return fail({ kind: "unreadable", file });
    if (!isStale(found, claim.host)) return fail({ kind: "held", holder: found, file });
    const change = claimLock(changeLockOf(file, found), claim, options);
    if (!change.ok) return change;
    try {
      const now = readHolder(file);
      if (typeof now === "string" || now.token !== found.token) continue;
      replace(file, { holder: mine, mode });
      return ok(held(file, mine.token));
    } finally {
      change.value.release();
    }
  }
}

/**
 * A lock of another host is never stale: nobody can tell from here. Who has the same host name is taken to see the same
 * processes, of whatever user: containers with processes of their own must not share both the name and the folder.
 */
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

interface NewLock {
  readonly holder: LockHolder;
  readonly mode: number;
}

/** False where there is a file of that name. */
function link(file: string, lock: NewLock): boolean {
  const whole = writeWhole(file, lock);
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

function replace(file: string, lock: NewLock): void {
  const whole = writeWhole(file, lock);
  try {
    renameSync(whole, file);
  } catch (error) {
    rmSync(whole, { force: true });
    throw error;
  }
}

/** On the disk before it has its name: a power failure must not leave an empty lock. */
function writeWhole(file: string, { holder, mode }: NewLock): string {
  const whole = join(dirname(file), `.${basename(file)}-${holder.token}`);
  const fd = openSync(whole, "wx", mode);
  try {
    fchmodSync(fd, mode);
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
    const found = readPlainFile(file);
    if (found === undefined) return "unreadable";
    text = found;
  } catch (error) {
    const code = fileFaultCode(error);
    if (code === "ENOENT") return "absent";
    if (code === "EACCES" || code === "ELOOP") return "unreadable";
    throw error;
  }
  try {
    const parsed = holderSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : "unreadable";
  } catch {
    return "unreadable";
  }
}

/**
 * Undefined for what is no file of a sensible size. A link is not followed (`ELOOP`), and a pipe that somebody has put
 * there is not waited for.
 */
function readPlainFile(file: string): string | undefined {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(fd);
    return found.isFile() && found.size <= maxBytes ? readFileSync(fd, "utf8") : undefined;
  } finally {
    closeSync(fd);
  }
}
