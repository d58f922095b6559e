/** What Node warns of meanwhile, on the standard error of whoever looks at the terminal. */
export async function warningsWhile(work: () => Promise<unknown>): Promise<readonly string[]> {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => warnings.push(message);
  process.on("warning", onWarning);
  try {
    await work();
    // Node warns in a turn of its own.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off("warning", onWarning);
  }
  return warnings;
}
