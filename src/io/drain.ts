import type { Writable } from "node:stream";

const waiting = new WeakMap<Writable, Promise<void>>();

/** Where the stream cannot follow: a promise, the same for all who wait, until it takes more or never will. */
export function untilDrained(stream: Writable): Promise<void> | undefined {
  if (!stream.writableNeedDrain || stream.errored || stream.closed) return undefined;
  const known = waiting.get(stream);
  if (known) return known;
  const drained = new Promise<void>((resolve) => {
    const events = ["drain", "error", "close"] as const;
    const done = () => {
      for (const event of events) stream.off(event, done);
      waiting.delete(stream);
      resolve();
    };
    for (const event of events) stream.once(event, done);
  });
  waiting.set(stream, drained);
  return drained;
}
