import { createHash } from "node:crypto";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Plan } from "../core/plan.ts";

/** More than any service has, and little enough to be read while an operator waits. */
const mostFiles = 2_000;
const mostBytes = 32 * 1024 * 1024;

/**
 * What tells the files of each service from those of another day: a digest of all that lies in the folder of its
 * helmfile. What it takes from elsewhere, as values for all services and charts of a repository, is not in it. A service
 * is missing whose files are not there, are too many or cannot be read. Never throws.
 */
export async function serviceDigests({ steps }: Plan): Promise<ReadonlyMap<string, string>> {
  const folders = new Map(steps.map(({ service, helmfile }) => [service, dirname(helmfile)]));
  const digests = new Map<string, string>();
  // One after the other: read side by side they would not be there sooner, and open at the same time.
  for (const [service, folder] of folders) {
    const digest = await digestOf(folder).catch(() => undefined);
    if (digest !== undefined) digests.set(service, digest);
  }
  return digests;
}

/** Undefined where there is too much of it. */
async function digestOf(folder: string): Promise<string | undefined> {
  const hash = createHash("sha256");
  const names = (await readdir(folder, { recursive: true })).sort();
  if (names.length > mostFiles) return undefined;
  let bytes = 0;
  for (const name of names) {
    const file = join(folder, name);
    const found = await lstat(file);
    if (found.isFile()) bytes += found.size;
    if (bytes > mostBytes) return undefined;
    const content = found.isFile()
      ? await readFile(file)
      : found.isSymbolicLink()
        ? await readlink(file)
        : "";
    hash.update(`${JSON.stringify([name, content.length])}\n`).update(content);
  }
  return hash.digest("hex");
}
