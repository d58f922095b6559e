import { giveUpReading } from "../io/hung-reads.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** Waits for what is read, but not beyond Ctrl-C: a file system that is away, or a pipe that nobody writes, never answers. */
export async function untilInterrupted<Value>(
  reading: Promise<Value>,
  { what, signal }: { readonly what: string; readonly signal: AbortSignal },
): Promise<Value> {
  let giveUp = () => {};
  const interrupted = new Promise<never>((_, reject) => {
    giveUp = () => {
      giveUpReading();
      reject(new Refusal(`${what} had not been read before the interruption`, exitCodes.interrupted));
    };
  });
  signal.addEventListener("abort", giveUp);
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([reading, interrupted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
