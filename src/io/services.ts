import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnostic } from "../core/common/diagnostic.ts";
import { isServiceName, type UnreadableService } from "../core/common/release.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import { describeFileFault, fileFaultCode } from "./file-fault.ts";

/** A directory with a helmfile. */
export interface FoundService {
  /** Path of the directory, relative to the services directory. */
  readonly name: string;
  /** Path of its helmfile, relative to the services directory. */
  readonly helmfile: string;
  /** The same, absolute. */
  readonly path: string;
  /** The same, symbolic links resolved, as helmfile names it in its answer. */
  readonly source: string;
}

export interface FoundServices {
  /** Sorted by name. */
  readonly services: readonly FoundService[];
  /** What looks like a service and can be none. */
  readonly unreadable: readonly UnreadableService[];
}

/** In this order, where a directory has several. charlie knows the first. */
const helmfileNames = ["helmfile.yaml", "helmfile.yaml.gotmpl"];

/**
 * Finds the services below a directory: every directory with a helmfile, at any depth. Directories whose name begins
 * with `_` (templates to copy) or `.` are skipped. Links to directories are followed, but never in a circle.
 *
 * @param servicesDir absolute
 * @returns a diagnostic where the directory cannot be read or holds no helmfile at all
 */
export async function findServices(
  servicesDir: string,
): Promise<Result<FoundServices, readonly Diagnostic[]>> {
  const search = new Search(servicesDir);
  try {
    const real = await realpath(servicesDir);
    await search.visit({ name: "", path: servicesDir, real, above: new Set(), throughLink: false });
  } catch (error) {
    return fail([unreadableRoot(servicesDir, error)]);
  }
  const { services, unreadable } = search;
  if (services.length === 0 && unreadable.length === 0) {
    const message = `there is no helmfile below ${servicesDir}`;
    const remedy = `name the directory that holds the services' directories with --services_dir (${howToName})`;
    return fail([{ severity: "error", code: "no-helmfiles", message, remedy }]);
  }
  return ok({ services: byName(services, "name"), unreadable: byName(unreadable, "service") });
}

function byName<Key extends string, Item extends { readonly [key in Key]: string }>(
  items: Item[],
  key: Key,
): Item[] {
  return items.sort((one, other) => (one[key] < other[key] ? -1 : 1));
}

/** charlie looks elsewhere for any other relative path. */
const howToName = "an absolute path, or ./… from here";

function unreadableRoot(servicesDir: string, error: unknown): Diagnostic {
  const message = `the services directory ${servicesDir} cannot be read: ${describeFileFault(error)}`;
  return {
    severity: "error",
    code: "services-dir-unreadable",
    message,
    remedy: `name another with --services_dir (${howToName}), or what helmfile lists by --inventory FILE`,
  };
}

interface Directory {
  /** Relative to the services directory; empty for itself. */
  readonly name: string;
  readonly path: string;
  readonly real: string;
  /** The real paths of the directories that lead here. */
  readonly above: ReadonlySet<string>;
  readonly throughLink: boolean;
}

class Search {
  readonly services: FoundService[] = [];
  readonly unreadable: UnreadableService[] = [];
  readonly #servicesDir: string;
  /** What links below links led to: each once, or many links among few directories would never end. */
  readonly #linked = new Set<string>();

  constructor(servicesDir: string) {
    this.#servicesDir = servicesDir;
  }

  /** Throws what the file system says where the services directory itself cannot be read. */
  async visit(directory: Directory): Promise<void> {
    const entries = await this.#entries(directory);
    const helmfile = await this.#helmfileAmong(directory, entries);
    if (helmfile !== undefined) await this.#keep(directory, helmfile);
    for (const entry of entries) {
      if (/^[._]/.test(entry.name)) continue;
      const path = join(directory.path, entry.name);
      const name = directory.name === "" ? entry.name : `${directory.name}/${entry.name}`;
      const above = new Set([...directory.above, directory.real]);
      if (entry.isDirectory()) {
        const real = join(directory.real, entry.name);
        await this.visit({ name, path, real, above, throughLink: directory.throughLink });
      } else if (entry.isSymbolicLink()) {
        const real = await this.#linkedDirectory(path, above, directory.throughLink);
        if (real !== undefined) await this.visit({ name, path, real, above, throughLink: true });
      }
    }
  }

  async #entries({ name, path }: Directory): Promise<Dirent[]> {
    try {
      return await readdir(path, { withFileTypes: true });
    } catch (error) {
      if (name === "") throw error;
      // Removed since its name was read.
      if (fileFaultCode(error) !== "ENOENT") this.#refuse(name, describeFileFault(error));
      return [];
    }
  }

  async #helmfileAmong({ path }: Directory, entries: readonly Dirent[]): Promise<string | undefined> {
    for (const name of helmfileNames) {
      const entry = entries.find((candidate) => candidate.name === name);
      if (entry === undefined || entry.isDirectory()) continue;
      // A link that leads nowhere is kept: helmfile says what is wrong with it.
      if (!entry.isSymbolicLink() || !(await isDirectory(join(path, name)))) return name;
    }
    return undefined;
  }

  async #keep({ name, path, real }: Directory, file: string): Promise<void> {
    if (name === "") {
      this.#refuse(
        ".",
        `a helmfile in the services directory itself belongs to no service: ${join(path, file)}`,
      );
    } else if (!isServiceName(name)) {
      this.#refuse(name, "its path is no name of a service: letters, digits, dots, dashes and underscores");
    } else {
      const helmfile = `${name}/${file}`;
      this.services.push({
        name,
        helmfile,
        path: join(this.#servicesDir, helmfile),
        source: join(real, file),
      });
    }
  }

  #refuse(name: string, message: string): void {
    // The name is shown, and kept in inventories.
    this.unreadable.push({ service: name.replace(/\p{Cc}/gu, "�"), message });
  }

  async #linkedDirectory(
    path: string,
    above: ReadonlySet<string>,
    again: boolean,
  ): Promise<string | undefined> {
    if (!(await isDirectory(path))) return undefined;
    const real = await realpath(path);
    if (above.has(real) || (again && this.#linked.has(real))) return undefined;
    this.#linked.add(real);
    return real;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
