import { accessSync, constants, lstatSync, mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { fail, ok, type Result } from "../core/common/result.ts";
import { describeFileFault, fileFaultCode } from "./file-fault.ts";

/**
 * A folder in which every user of the host may put something, and may replace what another has put there: it is made so
 * if it is missing, though not what it is in. One that is there is used as it is: an admin may have made it for a
 * smaller circle.
 *
 * @returns its path; or why it cannot be used, in words
 */
export function makeSharedFolder(path: string): Result<string, string> {
  // A slash at its end would have the system follow a link.
  const folder = resolve(path);
  try {
    makeForAll(folder);
    if (!lstatSync(folder).isDirectory()) return fail("it is no folder");
    accessSync(folder, constants.R_OK | constants.X_OK);
    return ok(folder);
  } catch (error) {
    return fail(describeFileFault(error));
  }
}

/**
 * Not sticky, as `/tmp` is: a dead process's lock is replaced by whoever comes next. The umask is set aside, not the mode
 * changed afterwards: in between, somebody else would find a folder that is not for everybody.
 */
function makeForAll(folder: string): void {
  const before = process.umask(0);
  try {
    mkdirSync(folder, { mode: 0o777 });
  } catch (error) {
    if (fileFaultCode(error) !== "EEXIST") throw error;
  } finally {
    process.umask(before);
  }
}
