/** More than this is no request. */
const longestRequest = 4 * 1024 * 1024;

/**
 * Reads standard input to its end, or until the signal aborts.
 *
 * @throws Error where it is a terminal, where it is too long, or where the signal aborts
 */
export async function readStandardInput(
  signal: AbortSignal,
  {
    what = "a request",
    longest = longestRequest,
  }: {
    /** What is expected. @default "a request" */
    readonly what?: string;
    /** In bytes. @default 4 MiB */
    readonly longest?: number;
  } = {},
): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) throw new Error(`it is a terminal, and ${what} is expected from a pipe`);
  const stop = () => stdin.destroy(new Error("it did not end in time"));
  signal.addEventListener("abort", stop, { once: true });
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of stdin) {
      const bytes = Buffer.from(chunk);
      length += bytes.length;
      if (length > longest) throw new Error(`it is longer than ${longest / 1024 / 1024} MiB`);
      chunks.push(bytes);
    }
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
