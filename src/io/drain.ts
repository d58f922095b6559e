import type { Writable } from "node:stream";

const waiting = new WeakMap<Writable, Promise<void>>();
/** Streams whose reader has gone. Node's own output streams look alive again after that, and never drain. */
const gone = new WeakSet<Writable>();
const watched = new WeakSet<Writable>();

/** Where the stream cannot follow: a promise, the same for all who wait, until it takes more or never will. */
export function untilDrained(stream: Writable): Promise<void> | undefined {
  watch(stream);
  if (!stream.writableNeedDrain || gone.has(stream) || stream.errored || stream.closed) return undefined;
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

function watch(stream: Writable): void {
  if (watched.has(stream)) return;
  watched.add(stream);
  for (const event of ["error", "close"] as const) stream.once(event, () => gone.add(stream));
}
