import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

const run = promisify(execFile);
const repository = fileURLToPath(new URL("../../../", import.meta.url));

declare module "vitest" {
  export interface ProvidedContext {
    /** An empty project in which the package is installed from its tarball. */
    readonly project: string;
    readonly tarball: string;
    /** What is in the tarball: paths, and the sum of the sizes in bytes. */
    readonly contents: {
      readonly files: readonly string[];
      readonly unpackedSize: number;
      readonly size: number;
    };
  }
}

/** Packs what dist/ holds, and installs it once for all tests. */
export default async function install({ provide }: TestProject): Promise<() => Promise<void>> {
  const project = await mkdtemp(join(tmpdir(), "charlie-installed-"));
  // dist/ is there already: npm would build it anew.
  const pack = ["pack", "--json", "--ignore-scripts", "--pack-destination", project];
  const [packed] = JSON.parse((await run("npm", pack, { cwd: repository })).stdout);
  await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const tarball = join(project, packed.filename);
  // As whoever type-checks a program for Node has them.
  const types = "@types/node@20";
  const quiet = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  await run("npm", ["install", ...quiet, tarball, types], { cwd: project });
  provide("project", project);
  provide("tarball", tarball);
  const { size, unpackedSize, files } = packed;
  provide("contents", { size, unpackedSize, files: files.map(({ path }: { path: string }) => path) });
  return () => rm(project, { recursive: true, force: true });
}
