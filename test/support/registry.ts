import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import type { Registry } from "../../src/core/registry/registry.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";

/** The registry that a text says, which must be valid. `version: 1` is put before it. */
export function registry(text: string): Registry {
  const parsed = parseRegistry({ file: "registry.yaml", text: `version: 1\n${text}` });
  if (!parsed.ok) throw new Error(renderDiagnostics(parsed.failure));
  return parsed.value;
}
