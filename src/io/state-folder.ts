import { chmodSync, lstatSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { Diagnostic } from "../core/common/diagnostic.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import { describeFileFault } from "./file-fault.ts";
import { makeFolder } from "./make-folder.ts";

/**
 * The folder for what is to outlive a run: journals and locks. It is made if it is missing, for this user alone.
 *
 * Without a chosen one: `$XDG_STATE_HOME/charlie-mediawiki` (XDG base directories: a path that is not absolute counts as
 * not set), else `~/.local/state/charlie-mediawiki`, else, for a user without a home, one in the folder for temporary
 * files.
 *
 * @returns its absolute path; or why it must not be used: who can write to it decides what a resumed run does
 */
export function stateFolder(
  env: Readonly<Record<string, string | undefined>>,
  chosen?: string,
): Result<string, readonly Diagnostic[]> {
  const place = chosen === undefined ? standardPlace(env) : { folder: resolve(chosen), ours: false };
  try {
    makeFolder(place.folder, 0o700);
    return checkOwner(place);
  } catch (error) {
    return refused(`the state folder ${place.folder} cannot be made: ${describeFileFault(error)}`);
  }
}

/** Where that folder is or would be, for what only reads in it: it is neither made nor checked. */
export function stateFolderPlace(env: Readonly<Record<string, string | undefined>>, chosen?: string): string {
  return chosen === undefined ? standardPlace(env).folder : resolve(chosen);
}

/** Makes a folder in the state folder. Throws what the system throws. */
export function makeStateSubfolder(state: string, name: string): string {
  const folder = join(state, name);
  makeFolder(folder, 0o700);
  return folder;
}

interface Place {
  readonly folder: string;
  /** Nobody but this program has anything in it. */
  readonly ours: boolean;
  /** It lies where anybody may put something. */
  readonly shared?: true;
}

const name = "charlie-mediawiki";

/** Below the user's own folder for state (XDG base directories); undefined for a user without a home. */
export function userStateFolder({
  XDG_STATE_HOME,
  HOME,
}: Readonly<Record<string, string | undefined>>): string | undefined {
  // The specification: a path that is not absolute counts as not set.
  if (XDG_STATE_HOME !== undefined && isAbsolute(XDG_STATE_HOME)) return join(XDG_STATE_HOME, name);
  const home = HOME !== undefined && isAbsolute(HOME) ? HOME : homeOfUser();
  return home === undefined ? undefined : join(home, ".local", "state", name);
}

function standardPlace(env: Readonly<Record<string, string | undefined>>): Place {
  const folder = userStateFolder(env);
  if (folder !== undefined) return { folder, ours: true };
  // The same each time, so that a run can be resumed.
  return { folder: join(tmpdir(), `${name}-${process.getuid?.() ?? "state"}`), ours: true, shared: true };
}

/** A user whom the machine does not know by name may have none. */
function homeOfUser(): string | undefined {
  try {
    const home = userInfo().homedir;
    return isAbsolute(home) ? home : undefined;
  } catch {
    return undefined;
  }
}

function checkOwner({ folder, ours, shared }: Place): Result<string, readonly Diagnostic[]> {
  // Where anybody may put something, a link could lead anywhere.
  const { uid, mode } = shared ? lstatSync(folder) : statSync(folder);
  if (shared && !lstatSync(folder).isDirectory()) return refused(`the state folder ${folder} is no folder`);
  const me = process.getuid?.();
  if (me !== undefined && uid !== me) {
    return refused(
      `the state folder ${folder} belongs to another user (${uid}; you are ${me})`,
      `go on with that user's runs as that user: sudo -u '#${uid}' charlie-mediawiki …; or name another by --state_dir`,
    );
  }
  if (ours) {
    // What keeps logs may have made it before, readable to all as is usual.
    if ((mode & 0o077) !== 0) chmodSync(folder, 0o700);
  } else if ((mode & 0o022) !== 0) {
    return refused(`others may write to the state folder ${folder}`, `chmod go-w ${folder}`);
  }
  return ok(folder);
}

function refused(message: string, remedy = "name another by --state_dir") {
  return fail([{ severity: "error", code: "state-folder", message, remedy } satisfies Diagnostic]);
}
