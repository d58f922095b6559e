import { readFile, stat } from "node:fs/promises";
import type { Diagnostic } from "../core/common/diagnostic.ts";
import type { Tree } from "../core/common/release.ts";
import { fail, type Result } from "../core/common/result.ts";
import { parseInventory } from "../core/tree/inventory.ts";
import { describeFileFault } from "./file-fault.ts";

const maxBytes = 64 * 1024 * 1024;

/**
 * Reads the tree of an environment from an inventory file, instead of from helmfiles.
 *
 * @returns the tree, or every fault of the file; one that cannot be read is a fault too. Never rejects.
 *
 * @example
 * const tree = await loadInventory("eqiad.json");
 * if (!tree.ok) throw new Error(renderDiagnostics(tree.failure));
 */
export async function loadInventory(file: string): Promise<Result<Tree, readonly Diagnostic[]>> {
  try {
    const { size } = await stat(file);
    if (size > maxBytes) {
      return unreadable(file, `it has ${Math.ceil(size / 1024 / 1024)} MiB, and an inventory has at most 64`);
    }
    return parseInventory({ file, text: await readFile(file, "utf8") });
  } catch (error) {
    return unreadable(file, describeFileFault(error));
  }
}

function unreadable(file: string, reason: string): Result<Tree, readonly Diagnostic[]> {
  const message = `the inventory ${file} cannot be read: ${reason}`;
  const remedy = "write one with: charlie-mediawiki inventory --environment ENVIRONMENT > FILE";
  return fail([{ severity: "error", code: "inventory-unreadable", message, remedy }]);
}
