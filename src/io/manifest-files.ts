import { readdirSync, readFileSync } from "node:fs";
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
export function* readManifestFiles(folder: string): Generator<ManifestFile> {
  // Waiting for each of a thousand folders and small files takes longer than reading them.
  for (const file of manifestFilesBelow(folder)) {
    yield { file, text: readFileSync(join(folder, file), "utf8") };
  }
}

function manifestFilesBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true });
  const { length } = join(folder, "/");
  return names
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(length))
    .sort();
}
