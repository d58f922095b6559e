import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OperatorShell } from "./operator-shell.ts";

/** Replaces the first place of a text in a file of the shell; throws where it has none. */
export function edit(file: string, text: string, replacement: string): void {
  const before = readFileSync(file, "utf8");
  if (!before.includes(text)) throw new Error(`${file} has no ${JSON.stringify(text)}`);
  writeFileSync(
    file,
    before.replace(text, () => replacement),
  );
}

/** A file of a chart that the shell's tree deploys. */
export function chartFile({ tree }: Pick<OperatorShell, "tree">, chart: string, ...path: readonly string[]) {
  return join(tree, "..", "charts", chart, ...path);
}
