import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

/** A file with manifests. */
export interface ManifestFile {
  /** Relative to the folder that was searched, with `/` between the parts. */
  readonly file: string;
  readonly text: string;
}

/**
 * Reads all YAML files below a folder, by name, one after the other: the caller keeps what it needs of each.
 *
 * @throws Error of the file system
 */
export async function* readManifestFiles(folder: string): AsyncGenerator<ManifestFile> {
  for (const file of await manifestFilesBelow(folder)) {
    // Waiting for each of a thousand small files takes longer than reading them.
    yield { file, text: readFileSync(join(folder, file), "utf8") };
  }
}

async function manifestFilesBelow(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  return names
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, "/").length))
    .sort();
}
