let givenUp = false;

/** A file is still being read that nobody waits for any more. */
export function giveUpReading(): void {
  givenUp = true;
}

/**
 * Waits for what is read, but not beyond the signal: a file system that is away, or a pipe that nobody writes, never
 * answers.
 *
 * @param instead what there is then in its place; it may throw
 */
export async function readUntil<Value>(
  reading: Promise<Value>,
  { signal, instead }: { readonly signal: AbortSignal | undefined; readonly instead: () => Value },
): Promise<Value> {
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  signal?.addEventListener("abort", stop);
  if (signal?.aborted) stop();
  const givenUp = stopped.then(() => {
    giveUpReading();
    return instead();
  });
  try {
    return await Promise.race([reading, givenUp]);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** How long a read that is under way at the end may take to come to its own, in milliseconds. */
const graceMs = 500;

/**
 * Ends this process by `end`, or, where the system would not let it end, without: Node waits for reads under way when it exits,
 * and one of a pipe that nobody writes, or of a file system that is away, never ends (seen with Node 20).
 */
export async function endDespiteHungReads(
  end: () => void,
  { interrupted }: { readonly interrupted: boolean },
): Promise<void> {
  const hangs = () => (interrupted || givenUp) && isReading();
  if (hangs()) await new Promise((resolve) => setTimeout(resolve, graceMs));
  if (hangs()) endAtOnce({ interrupted });
  else end();
}

/** Ends this process, whatever hangs: as Ctrl-C ends others where it was interrupted, else by SIGKILL. */
export function endAtOnce({ interrupted }: { readonly interrupted: boolean }): void {
  const kill = () => process.kill(process.pid, "SIGKILL");
  if (!interrupted) return void kill();
  // Folders are cleared then, and terminals set right.
  process.emit("exit", interruptedExitCode);
  process.removeAllListeners("SIGINT");
  process.kill(process.pid, "SIGINT");
  setTimeout(kill, graceMs);
}

/** What a shell calls the end by SIGINT. */
const interruptedExitCode = 130;

/** Whether a file is being read or written. */
export function isReading(): boolean {
  return process.getActiveResourcesInfo().some((resource) => resource.startsWith("FSReq"));
}
