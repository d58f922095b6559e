import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const compiler = "node_modules/typescript/bin/tsc";

/**
 * Type-checks programs that use this package, by their file names, against declarations that were emitted to a folder of
 * this repository. Answers what the compiler says, a line for each error.
 */
export async function typeCheck(
  programs: Readonly<Record<string, string>>,
  declarations: string,
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(declarations, "programs-"));
  try {
    for (const [name, text] of Object.entries(programs)) await writeFile(join(folder, name), text);
    const compilerOptions = {
      paths: {
        "charlie-plugin-mediawiki": [join(declarations, "index.d.ts")],
        "charlie-plugin-mediawiki/core": [join(declarations, "core/index.d.ts")],
      },
    };
    const extended = join(process.cwd(), "tsconfig.json");
    const tsconfig = { extends: extended, compilerOptions, files: Object.keys(programs), include: [] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(tsconfig));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    const argv = [join(process.cwd(), compiler), "-p", folder];
    const told = await new Promise<string>((resolve) => {
      execFile(process.execPath, argv, { cwd: folder }, (_error, stdout) => resolve(stdout));
    });
    return told.split("\n").filter((line) => line !== "");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
