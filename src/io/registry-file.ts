import { readFile } from "node:fs/promises";
import type { Diagnostic } from "../core/common/diagnostic.ts";
import { fail, type Result } from "../core/common/result.ts";
import type { Registry } from "../core/registry/registry.ts";
import { parseRegistry } from "../core/registry/registry-parse.ts";
import { describeFileFault } from "./file-fault.ts";

/**
 * Reads a registry from a file. That of this package is `charlie-plugin-mediawiki/registry.yaml`. For users of the
 * library: the command hands the text to the plugin, which parses it itself.
 *
 * @returns the registry, or every fault of the file; one that cannot be read is a fault too. Never rejects.
 *
 * @example
 * const registry = await loadRegistry(fileURLToPath(import.meta.resolve("charlie-plugin-mediawiki/registry.yaml")));
 * if (!registry.ok) throw new Error(renderDiagnostics(registry.failure));
 */
export async function loadRegistry(file: string): Promise<Result<Registry, readonly Diagnostic[]>> {
  try {
    return parseRegistry({ file, text: await readFile(file, "utf8") });
  } catch (error) {
    const message = `the registry ${file} cannot be read: ${describeFileFault(error)}`;
    return fail([{ severity: "error", code: "registry-unreadable", message }]);
  }
}
