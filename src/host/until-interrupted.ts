import { readUntil } from "../io/hung-reads.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** Waits for what is read, but not beyond Ctrl-C. */
export function untilInterrupted<Value>(
  reading: Promise<Value>,
  { what, signal }: { readonly what: string; readonly signal: AbortSignal },
): Promise<Value> {
  const instead = () => {
    throw new Refusal(`${what} had not been read before the interruption`, exitCodes.interrupted);
  };
  return readUntil(reading, { signal, instead });
}
