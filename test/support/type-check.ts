import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./temporary-folder.ts";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** Type-checks programs that use this package, by their file names, and tells what the compiler says of them. */
export function typeCheck(programs: Readonly<Record<string, string>>): Promise<string> {
  const folder = temporaryFolder({ ...programs, "package.json": '{ "type": "module" }' });
  const tsconfig = {
    extends: join(repository, "tsconfig.json"),
    compilerOptions: {
      typeRoots: [join(repository, "node_modules/@types")],
      paths: {
        "charlie-plugin-mediawiki": [join(repository, "src/index.ts")],
        "charlie-plugin-mediawiki/core": [join(repository, "src/core/index.ts")],
      },
    },
    files: Object.keys(programs),
  };
  const file = join(folder, "tsconfig.json");
  writeFileSync(file, JSON.stringify(tsconfig));
  return new Promise((resolve) => {
    const compiler = join(repository, "node_modules/typescript/bin/tsc");
    execFile(process.execPath, [compiler, "-p", file], { cwd: folder }, (_error, stdout) => resolve(stdout));
  });
}
