import { tmpdir } from "node:os";
import { join } from "node:path";
import { userStateFolder } from "../io/state-folder.ts";

/** Where logs go that nobody gave a place. */
export function stepLogFolder(
  env: Readonly<Record<string, string | undefined>>,
  environment: string,
  now: Date,
): string {
  const stamp = now.toISOString().replace(/[-:]/g, "").replace(/\.\d+/, "");
  const run = `${environment}-${stamp}-${process.pid}`;
  const state = userStateFolder(env);
  return state === undefined ? join(tmpdir(), `charlie-mediawiki-${run}`) : join(state, "logs", run);
}
