import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describeFileFault } from "./file-fault.ts";

/** A file with manifests. */
export interface ManifestFile {
  /** Relative to the folder that was searched, with `/` between the parts. */
  readonly file: string;
  readonly text: string;
}

/** What is below a folder, each relative to it. */
export interface FoundManifests {
  /** By name. */
  readonly files: readonly string[];
  /** What may lead to manifests, and is not read. */
  readonly leftOut: readonly { readonly entry: string; readonly reason: string }[];
}

/**
 * Reads YAML files below a folder, one after the other: the caller keeps what it needs of each.
 *
 * @param files those to read. @default all
 * @throws Error of the file system, or one that says which file cannot be read
 */
export function* readManifestFiles(
  folder: string,
  files: readonly string[] = findManifestFiles(folder).files,
): Generator<ManifestFile> {
  // Waiting for each of a thousand folders and small files takes longer than reading them.
  for (const file of files) yield { file, text: readOne(join(folder, file)) };
}

function readOne(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    // Not every fault of the file system names its file.
    throw new Error(`${file}: ${describeFileFault(error)}`, { cause: error });
  }
}

/**
 * The YAML files below a folder. A link to a file is one.
 *
 * @throws Error of the file system
 */
export function findManifestFiles(folder: string): FoundManifests {
  const { length } = join(folder, "/");
  const files: string[] = [];
  const leftOut: { readonly entry: string; readonly reason: string }[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const reason = whyLeftOut(entry, path);
    if (reason !== undefined) leftOut.push({ entry: path.slice(length), reason });
    else if (isManifest(entry)) files.push(path.slice(length));
  }
  return { files: files.sort(), leftOut };
}

function isManifest({ name }: Dirent): boolean {
  return /\.(?:ya?ml|json)$/.test(name);
}

/** Undefined for what is read, and for what nobody would take for a manifest. */
function whyLeftOut(entry: Dirent, path: string): string | undefined {
  if (entry.isFile()) return undefined;
  if (!entry.isSymbolicLink()) return isManifest(entry) && !entry.isDirectory() ? "it is no file" : undefined;
  try {
    const found = statSync(path);
    // It may lead in a circle, or to what is read already.
    if (found.isDirectory()) return "it is a link to a folder, and these are not followed";
    return isManifest(entry) && !found.isFile() ? "it is a link to what is no file" : undefined;
  } catch (error) {
    const why = `it is a link that cannot be followed: ${describeFileFault(error)}`;
    // An editor's lock on a file is such a link.
    return isManifest(entry) && !entry.name.startsWith(".#") ? why : undefined;
  }
}
