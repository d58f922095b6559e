import { renderDiagnostics } from "../core/common/diagnostic.ts";
import { matchesAny } from "../core/common/glob.ts";
import { stateFolder } from "../io/state-folder.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** Where runs are written down. */
export function stateFolderOf(
  env: Readonly<Record<string, string | undefined>>,
  stateDir: string | undefined,
): string {
  const found = stateFolder(env, stateDir);
  if (!found.ok) throw new Refusal(renderDiagnostics(found.failure), exitCodes.usage);
  return found.value;
}

/** Whether a run of this environment is meant. @param wanted a name or a glob; undefined where any is */
export function isOfEnvironment(wanted: string | undefined, environment: string): boolean {
  return wanted === undefined || environment === wanted || matchesAny([wanted], environment);
}
