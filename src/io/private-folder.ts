import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Diagnostic } from "../core/common/diagnostic.ts";
import { fail, type Result } from "../core/common/result.ts";
import { describeFileFault } from "./file-fault.ts";

/**
 * Makes a folder that only this user can read, hands it to `work`, and removes it with all that is in it however
 * that ends; also where the process exits meanwhile.
 */
export async function withPrivateFolder<Value>(
  work: (folder: string) => Promise<Result<Value, readonly Diagnostic[]>>,
): Promise<Result<Value, readonly Diagnostic[]>> {
  let folder: string;
  try {
    folder = await mkdtemp(join(tmpdir(), "charlie-mediawiki-"));
  } catch (error) {
    const message = `no temporary folder could be made in ${tmpdir()}: ${describeFileFault(error)}`;
    return fail([{ severity: "error", code: "no-temporary-folder", message, remedy: "set TMPDIR" }]);
  }
  const removeNow = (): void => rmSync(folder, { recursive: true, force: true });
  process.on("exit", removeNow);
  try {
    return await work(folder);
  } finally {
    process.off("exit", removeNow);
    await rm(folder, { recursive: true, force: true });
  }
}
