import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { bundle } from "../../scripts/bundle.js";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the command and the plugin, built from the sources as they are now. */
    bundle: string;
  }
}

/** Before the tests of a project: builds what many of their files run. In dist/ there may be something older. */
export default async function setup(project: TestProject): Promise<() => void> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "charlie-bundle-")));
  await bundle({ outdir: folder, version: "1.2.3" });
  project.provide("bundle", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
