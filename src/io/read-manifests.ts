import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Diagnostic } from "../core/common/diagnostic.ts";
import { isNamespaceName, isReleaseName, releaseId } from "../core/common/release.ts";
import { fail, ok, type Result } from "../core/common/result.ts";
import type { RenderedRelease } from "../core/manifests/derived.ts";
import { joinReleases, objectsByRelease } from "../core/manifests/objects-by-release.ts";
import { type RenderedObject, readRenderedObjects } from "../core/manifests/rendered-objects.ts";
import { describeFileFault } from "./file-fault.ts";
import { findManifestFiles, type ManifestFile, readManifestFiles } from "./manifest-files.ts";
import { readStandardInput } from "./standard-input.ts";

/** Manifests that were rendered elsewhere. */
export interface ReadManifests {
  readonly releases: readonly RenderedRelease[];
  /** Objects of which nothing says their release. */
  readonly strays: readonly RenderedObject[];
  /** What is no YAML, or no object; links to folders, and what else of a folder is not read. */
  readonly faults: readonly Diagnostic[];
}

/** All manifests of a cluster are less. */
const longestStream = 512 * 1024 * 1024;

/**
 * Reads manifests from a folder, a file, or standard input (`-`).
 *
 * A file `NAMESPACE/RELEASE/…` of a folder belongs to that release, as `helmfile template --output-dir` can write it.
 * Objects of any other file, and of a stream, say their release themselves. A link to a file is read, one to a folder is a
 * fault. What cannot be read at all is a failure with the code `manifests-unreadable`; single documents that are no objects
 * are faults beside the others.
 *
 * @param options `signal` ends the reading of standard input, as a failure
 *
 * @example
 * const read = await readManifests("rendered");
 * read.ok ? renderDerived(deriveDependencies(read.value.releases)) : renderDiagnostics(read.failure);
 */
export async function readManifests(
  from: string,
  { signal = new AbortController().signal }: { readonly signal?: AbortSignal } = {},
): Promise<Result<ReadManifests, readonly Diagnostic[]>> {
  try {
    if (from === "-") {
      const text = await readStandardInput(signal, { what: "YAML", longest: longestStream });
      return ok(collect([{ file: "-", text }]));
    }
    if ((await stat(from)).isDirectory()) return ok(collectFolder(from));
    return ok(collect([{ file: from, text: await readFile(from, "utf8") }]));
  } catch (error) {
    const message = `the manifests ${from === "-" ? "on standard input" : from} cannot be read: ${reasonOf(error, from)}`;
    return fail([{ severity: "error", code: "manifests-unreadable", message }]);
  }
}

function collectFolder(folder: string): ReadManifests {
  const { files, leftOut } = findManifestFiles(folder);
  const { faults, ...read } = collect(readManifestFiles(folder, files), { folder });
  return {
    ...read,
    faults: [...leftOut.map(({ entry, reason }) => notRead(join(folder, entry), reason)), ...faults],
  };
}

function notRead(path: string, reason: string): Diagnostic {
  return {
    severity: "warning",
    code: "not-read",
    message: `${path} is not read: ${reason}`,
    remedy: "put the files themselves there, or remove it",
  };
}

function collect(
  files: Iterable<ManifestFile>,
  { folder }: { readonly folder?: string } = {},
): ReadManifests {
  const byPath: RenderedRelease[] = [];
  // A stream may have more objects than a call can have arguments.
  const others: (readonly RenderedObject[])[] = [];
  const faults: (readonly Diagnostic[])[] = [];
  for (const { file, text } of files) {
    const read = readRenderedObjects({ file: folder === undefined ? file : join(folder, file), text });
    faults.push(read.faults);
    const id = folder === undefined ? undefined : releaseByPath(file);
    if (id === undefined) others.push(read.objects);
    else byPath.push({ id, objects: read.objects });
  }
  const { releases, strays } = objectsByRelease(others.flat());
  return { releases: joinReleases([...byPath, ...releases]), strays, faults: faults.flat() };
}

function releaseByPath(file: string): string | undefined {
  const [namespace = "", name = "", ...rest] = file.split("/");
  // `CHART/templates/…` is what helm itself writes.
  if (rest.length === 0 || name === "templates" || !isNamespaceName(namespace) || !isReleaseName(name))
    return undefined;
  return releaseId(namespace, name);
}

function reasonOf(error: unknown, from: string): string {
  const reason = describeFileFault(error);
  if (!(error instanceof Error)) return reason;
  if (reason === String(error)) return error.message;
  // Of all that is below a folder.
  const path = "path" in error && error.path !== from ? `${error.path}: ` : "";
  return `${path}${reason}`;
}
