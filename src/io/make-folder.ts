import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileFaultCode } from "./file-fault.ts";

/**
 * Makes a folder and those that it is in, as far as they are missing. Throws what the system throws.
 *
 * Node's own `recursive` never ends where the folder above is there and a new one in it is answered with ENOENT (seen with
 * Node 20): `/proc`, or a home that an automounter does not find.
 */
export function makeFolder(folder: string, mode = 0o777): void {
  if (isFolder(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have made it meanwhile.
    if (fileFaultCode(error) !== "EEXIST" || !isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    if (fileFaultCode(error) === "ENOENT") return false;
    throw error;
  }
}
