import { readFile } from "node:fs/promises";
import { type DefinedEnvironments, environmentsDefinedIn } from "../core/tree/environment-names.ts";

/**
 * Reads which environments helmfiles define, from their texts: charlie's way, which runs nothing. For messages and for
 * globs of environments; whether a service belongs to an environment only helmfile tells.
 *
 * @param helmfiles their paths
 * @returns the names, sorted; complete where every helmfile says all of its own in its own text (some take theirs
 *   from `bases`). A helmfile that cannot be read defines nothing here: reading the tree names it.
 */
export async function loadEnvironments(helmfiles: readonly string[]): Promise<DefinedEnvironments> {
  const texts = await Promise.all(helmfiles.map(textOf));
  const defined = texts.map(environmentsDefinedIn);
  return {
    names: [...new Set(defined.flatMap(({ names }) => names))].sort(),
    isComplete: defined.every(({ isComplete }) => isComplete),
  };
}

async function textOf(helmfile: string): Promise<string> {
  try {
    return await readFile(helmfile, "utf8");
  } catch {
    return "";
  }
}
