import { cpSync } from "node:fs";
import { join } from "node:path";
import { fixtures } from "./fixtures.ts";

/** Puts the stand-in for helm-diff where helm looks for plugins, so that `helmfile diff` and `apply` work. */
export function installHelmDiffStandIn(helmDataHome: string): void {
  cpSync(join(fixtures, "helm-diff"), join(helmDataHome, "plugins", "helm-diff"), { recursive: true });
}
