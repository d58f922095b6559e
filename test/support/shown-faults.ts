import { type Diagnostic, renderDiagnostics } from "../../src/core/common/diagnostic.ts";

/** What people are told, and before each of it the code, which programs go by. */
export function shownFaults(faults: readonly Diagnostic[]): string {
  return faults.map((fault) => `[${fault.code}] ${renderDiagnostics([fault])}`).join("\n\n");
}
