let givenUp = false;

/** A file is still being read that nobody waits for any more. */
export function giveUpReading(): void {
  givenUp = true;
}

/**
 * Ends this process where the system would not let it end: Node waits for reads under way when it exits, and one of a pipe
 * that nobody writes, or of a file system that is away, never ends (seen with Node 20).
 */
export function endDespiteHungReads(): void {
  const isReading = process.getActiveResourcesInfo().some((resource) => resource.startsWith("FSReq"));
  if (givenUp && isReading) process.kill(process.pid, "SIGKILL");
}
