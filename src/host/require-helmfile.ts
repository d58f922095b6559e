import { findProgram } from "../io/find-program.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** An inventory is read without helmfile: then it shows only here that it is missing, before anything is begun. */
export async function requireHelmfile(env: Readonly<Record<string, string | undefined>>): Promise<void> {
  if ((await findProgram("helmfile", env)) !== undefined) return;
  throw new Refusal(
    "helmfile is not on PATH: install helmfile and helm, or see what would run by --dry_run",
    exitCodes.unknown,
  );
}
