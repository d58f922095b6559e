import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { RenderedRelease } from "../core/derived.ts";
import type { Diagnostic } from "../core/diagnostic.ts";
import { joinReleases, objectsByRelease } from "../core/objects-by-release.ts";
import { isNamespaceName, isReleaseName, releaseId } from "../core/release.ts";
import { type RenderedObject, readRenderedObjects } from "../core/rendered-objects.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { describeFileFault } from "./file-fault.ts";
import { type ManifestFile, readManifestFiles } from "./manifest-files.ts";
import { readStandardInput } from "./standard-input.ts";

/** Manifests that were rendered elsewhere. */
export interface ReadManifests {
  readonly releases: readonly RenderedRelease[];
  /** Objects of which nothing says their release. */
  readonly strays: readonly RenderedObject[];
  /** What is no YAML, or no object. */
  readonly faults: readonly Diagnostic[];
}

/** All manifests of a cluster are less. */
const longestStream = 512 * 1024 * 1024;

/**
 * Reads manifests from a folder, a file, or standard input (`-`).
 *
 * A file `NAMESPACE/RELEASE/…` of a folder belongs to that release, as `helmfile template --output-dir` can write it.
 * Objects of any other file, and of a stream, say their release themselves.
 *
 * @returns what was read, with the faults of single documents; a failure where the folder or file cannot be read at
 * all
 *
 * @example
 * const read = await readManifests("rendered/", { signal: AbortSignal.timeout(60_000) });
 * if (read.ok) console.log(read.value.releases.map(({ id }) => id));
 */
export async function readManifests(
  from: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<Result<ReadManifests, readonly Diagnostic[]>> {
  try {
    if (from === "-") {
      const text = await readStandardInput(signal, { what: "YAML", longest: longestStream });
      return ok(await collect([{ file: "-", text }]));
    }
    if ((await stat(from)).isDirectory()) return ok(await collect(readManifestFiles(from), { folder: from }));
    return ok(await collect([{ file: from, text: await readFile(from, "utf8") }]));
  } catch (error) {
    const message = `the manifests ${from === "-" ? "on standard input" : from} cannot be read: ${reasonOf(error)}`;
    return fail([{ severity: "error", code: "manifests-unreadable", message }]);
  }
}

async function collect(
  files: AsyncIterable<ManifestFile> | Iterable<ManifestFile>,
  { folder }: { readonly folder?: string } = {},
): Promise<ReadManifests> {
  const byPath: RenderedRelease[] = [];
  const others: RenderedObject[] = [];
  const faults: Diagnostic[] = [];
  for await (const { file, text } of files) {
    const read = readRenderedObjects({ file: folder === undefined ? file : join(folder, file), text });
    faults.push(...read.faults);
    const id = folder === undefined ? undefined : releaseByPath(file);
    if (id === undefined) others.push(...read.objects);
    else byPath.push({ id, objects: read.objects });
  }
  const { releases, strays } = objectsByRelease(others);
  return { releases: joinReleases([...byPath, ...releases]), strays, faults };
}

function releaseByPath(file: string): string | undefined {
  const [namespace = "", name = "", ...rest] = file.split("/");
  // `CHART/templates/…` is what helm itself writes.
  if (rest.length === 0 || name === "templates" || !isNamespaceName(namespace) || !isReleaseName(name))
    return undefined;
  return releaseId(namespace, name);
}

function reasonOf(error: unknown): string {
  const reason = describeFileFault(error);
  return error instanceof Error && reason === String(error) ? error.message : reason;
}
