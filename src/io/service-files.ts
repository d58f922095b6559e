import { createHash } from "node:crypto";
import type { Dirent } from "node:fs";
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Plan } from "../core/plan/plan.ts";

/** More than any service has, and little enough to be read while an operator waits. */
const mostFiles = 2_000;
const mostBytes = 32 * 1024 * 1024;

/**
 * What tells the files of each service from those of another day: a digest of all that lies in the folder of its
 * helmfile, but for what helm itself makes there. What it takes from elsewhere, as values for all services and charts of a
 * repository, is not in it. A service
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
  const entries = await entriesBelow(folder);
  if (!entries) return undefined;
  let bytes = 0;
  for (const { name, kind } of entries) {
    const file = join(folder, name);
    if (kind === "file") bytes += (await lstat(file)).size;
    if (bytes > mostBytes) return undefined;
    const content = kind === "file" ? await readFile(file) : kind === "link" ? await readlink(file) : "";
    hash.update(`${JSON.stringify([name, kind, content.length])}\n`).update(content);
  }
  return hash.digest("hex");
}

interface Entry {
  /** Below the folder. */
  readonly name: string;
  readonly kind: "file" | "link" | "folder" | "other";
}

/**
 * All that lies below a folder, by name; undefined where it is too much. Links are not followed: they may lead anywhere,
 * and back. Node's own way through folders follows them.
 */
async function entriesBelow(folder: string): Promise<readonly Entry[] | undefined> {
  const found: Entry[] = [];
  const left = [""];
  for (let below = left.pop(); below !== undefined; below = left.pop()) {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const name = join(below, entry.name);
      if (isMadeByHelm(name)) continue;
      found.push({ name, kind: kindOf(entry) });
      if (entry.isDirectory()) left.push(name);
      if (found.length > mostFiles) return undefined;
    }
  }
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

function kindOf(entry: Dirent): Entry["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isSymbolicLink()) return "link";
  return entry.isDirectory() ? "folder" : "other";
}

/** What helm packs anew each time that a chart has others in it. */
function isMadeByHelm(name: string): boolean {
  return /(?:^|\/)(?:charts\/[^/]+\.tgz|Chart\.lock|requirements\.lock|tmpcharts[^/]*)$/.test(name);
}
