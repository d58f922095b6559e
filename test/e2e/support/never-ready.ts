import { join } from "node:path";
import { edit } from "./edit.ts";
import type { OperatorShell } from "./operator-shell.ts";

/** How long helm waits for a release that never gets ready, in seconds. All others have the time that they need. */
const patience = 3;

/** Makes a release (`namespace/name`) fail wherever the variables that this returns are set. */
export function neverReady(
  { servicesDir }: Pick<OperatorShell, "servicesDir">,
  release: string,
): { readonly E2E_NEVER_READY: string } {
  const [namespace = "", name = ""] = release.split("/");
  const file = join(servicesDir, namespace, "helmfile.yaml");
  edit(file, `  - name: ${name}\n`, `  - name: ${name}\n    timeout: ${patience}\n`);
  return { E2E_NEVER_READY: release };
}
