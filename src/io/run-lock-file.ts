import { randomUUID } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { plainLine } from "../core/common/plain-line.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import * as z from "../core/common/zod.ts";
import { fileFaultCode } from "./file-fault.ts";
import { readPlainFile } from "./plain-file.ts";
import { isAlive, isOfThisBoot, type ProcessIdentity } from "./process-identity.ts";
import {
  type LeftProgram,
  leftPrograms,
  programsFile,
  removePrograms,
  writePrograms,
} from "./run-lock-programs.ts";

/** In a folder for all users anybody may have written it, and it is shown on a terminal. */
const shown = z.pipe(
  z.string(),
  z.transform((text) => plainLine(text)),
);

const holderSchema = z.object({
  /** Its own of each lock that was ever taken. */
  token: z.uuid(),
  run: shown,
  pid: z.int().check(z.positive()),
  processStart: z.exactOptional(z.string()),
  host: shown,
  user: shown,
  /** ISO. */
  since: shown,
  /** The words of its command line. */
  command: z.array(shown),
});

/** Who holds a lock: what its file says. */
export type LockHolder = z.infer<typeof holderSchema>;

/** Who wants it. */
export type LockClaim = Omit<LockHolder, "token">;

export type LockRefusal =
  | {
      readonly kind: "held";
      readonly holder: LockHolder;
      readonly file: string;
      /** What it left running when it was killed; empty as long as it lives. */
      readonly left: readonly LeftProgram[];
    }
  /** It says nothing that could be understood: nobody knows whether it is held. */
  | { readonly kind: "unreadable"; readonly file: string };

/** A lock that is held. */
export interface HeldLock {
  /** Says what the holder has started and what still runs: if it is killed, the lock is held until that has ended. */
  keepPrograms(programs: readonly ProcessIdentity[]): void;
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
      const linked = link(file, { holder: mine, mode });
      if (linked) return ok(held(file, linked));
      continue;
    }
    if (found === "unreadable") return fail({ kind: "unreadable", file });
    const holding = whatHolds(found, { file, host: claim.host });
    if (holding) return fail(holding);
    const change = claimLock(changeLockOf(file, found), claim, options);
    if (!change.ok) return change;
    try {
      const now = readHolder(file);
      if (typeof now === "string" || now.token !== found.token) continue;
      const replaced = replace(file, { holder: mine, mode });
      removePrograms(programsFile(file, found.token));
      return ok(held(file, replaced));
    } finally {
      change.value.release();
    }
  }
}

/**
 * Why the lock is not to be taken over; undefined for a stale one: its holder and all that it started are dead.
 *
 * A lock of another host is never stale: nobody can tell from here. Who has the same host name is taken to see the same
 * processes, of whatever user: containers with processes of their own must not share both the name and the folder.
 */
function whatHolds(
  holder: LockHolder,
  { file, host }: { readonly file: string; readonly host: string },
): LockRefusal | undefined {
  if (holder.host !== host || isAlive(holder)) return { kind: "held", holder, file, left: [] };
  if (!isOfThisBoot(holder)) return undefined;
  const programs = programsFile(file, holder.token);
  const left = leftPrograms(programs, holder.run);
  if (!left.ok) return { kind: "unreadable", file: programs };
  return left.value.length > 0 ? { kind: "held", holder, file, left: left.value } : undefined;
}

/** Hidden, and never as long as names of its kind in a row would be. */
function changeLockOf(file: string, { token }: LockHolder): string {
  return join(dirname(file), `.change-${token}`);
}

function held(file: string, { holder, mode, inode }: WrittenLock): HeldLock {
  const programs = programsFile(file, holder.token);
  return {
    keepPrograms: (running) => writePrograms(programs, { programs: running, mode }),
    release: () => {
      const now = readHolder(file);
      // What cannot be read any more, as a disk that failed has it, is ours if it is the same file.
      const isOurs =
        typeof now === "string"
          ? now === "unreadable" && lstatSync(file).ino === inode
          : now.token === holder.token;
      if (isOurs) rmSync(file, { force: true });
      removePrograms(programs);
    },
  };
}

interface NewLock {
  readonly holder: LockHolder;
  readonly mode: number;
}

/** A lock that is on the disk, and in which file. */
interface WrittenLock extends NewLock {
  readonly inode: number;
}

/** Undefined where there is a file of that name. */
function link(file: string, lock: NewLock): WrittenLock | undefined {
  const { whole, ...written } = writeWhole(file, lock);
  try {
    linkSync(whole, file);
    return written;
  } catch (error) {
    if (fileFaultCode(error) === "EEXIST") return undefined;
    throw error;
  } finally {
    rmSync(whole, { force: true });
  }
}

function replace(file: string, lock: NewLock): WrittenLock {
  const { whole, ...written } = writeWhole(file, lock);
  try {
    renameSync(whole, file);
    return written;
  } catch (error) {
    rmSync(whole, { force: true });
    throw error;
  }
}

/** On the disk before it has its name: a power failure must not leave an empty lock. */
function writeWhole(file: string, lock: NewLock): WrittenLock & { readonly whole: string } {
  const { holder, mode } = lock;
  const whole = join(dirname(file), `.${basename(file)}-${holder.token}`);
  const fd = openSync(whole, "wx", mode);
  try {
    fchmodSync(fd, mode);
    // All of it: a single write may take less than it was given.
    writeFileSync(fd, JSON.stringify(holder));
    fsyncSync(fd);
    return { ...lock, inode: fstatSync(fd).ino, whole };
  } catch (error) {
    rmSync(whole, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
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
    const parsed = z.safeParse(holderSchema, JSON.parse(text));
    return parsed.success ? parsed.data : "unreadable";
  } catch {
    return "unreadable";
  }
}
