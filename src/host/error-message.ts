import { inspect } from "node:util";
import { describeFileFault, fileFaultCode } from "../io/file-fault.ts";

/** What was thrown, in words: plugins throw all kinds of things. */
export function messageOf(error: unknown): string {
  if (typeof error === "string") return error;
  try {
    if (error instanceof Error) return String(error.message || error.name);
    return inspect(error, { depth: 1, breakLength: Number.POSITIVE_INFINITY });
  } catch {
    return "something that cannot be told in words";
  }
}

/**
 * What the host refused while our own files were loaded, in words: no bug. Undefined for anything else.
 *
 * @example
 * hostFault(error) // "this host stands in the way: too many open files (…/chunk-QHT7DDXA.js)"
 */
export function hostFault(error: unknown): string | undefined {
  if (!hostFaults.has(fileFaultCode(error) ?? "")) return undefined;
  const path = error instanceof Error && "path" in error ? ` (${error.path})` : "";
  return `this host stands in the way: ${describeFileFault(error)}${path}`;
}

const hostFaults: ReadonlySet<string> = new Set([
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "EIO",
  "ESTALE",
  "EACCES",
  "EPERM",
]);
