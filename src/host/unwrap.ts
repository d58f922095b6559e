import { type Diagnostic, renderDiagnostics } from "../core/common/diagnostic.ts";
import type { Result } from "../core/common/result.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** Faults that say: it could not be found out. Every other fault of reading is one of usage or configuration. */
const unknownCodes: ReadonlySet<string> = new Set(["helmfile-unavailable", "cancelled"]);

/** The value; a refusal where there is none, with the exit code that its faults have. */
export function unwrap<Value>(result: Result<Value, readonly Diagnostic[]>): Value {
  if (result.ok) return result.value;
  const isUnknown = result.failure.some(({ code }) => unknownCodes.has(code));
  throw new Refusal(renderDiagnostics(result.failure), isUnknown ? exitCodes.unknown : exitCodes.usage);
}
