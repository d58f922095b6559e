import { realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** Bundles a script of this folder for a node of its own, which may be killed. Resolves with the file to run. */
export async function bundledScript(name: string): Promise<string> {
  const folder = realpathSync(temporaryFolder());
  const outfile = join(folder, `${name}.mjs`);
  await build({
    absWorkingDir: repository,
    entryPoints: [`test/io/support/${name}.ts`],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
  });
  return outfile;
}
