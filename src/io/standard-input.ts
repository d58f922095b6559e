import { isUtf8 } from "node:buffer";
import { fstatSync } from "node:fs";

/** More than this is no request. */
const longestRequest = 4 * 1024 * 1024;

/**
 * Reads standard input to its end, or until the signal aborts.
 *
 * @throws Error where it is a terminal or a directory, where it is too long, where it must be UTF-8 and is not, or where the signal aborts
 */
export async function readStandardInput(
  signal: AbortSignal,
  {
    what = "a request",
    longest = longestRequest,
    mustBeUtf8 = false,
  }: {
    /** What is expected. @default "a request" */
    readonly what?: string;
    /** In bytes. @default 4 MiB */
    readonly longest?: number;
    /** Whether what is no UTF-8 is refused, and not read as replacement characters: a name would be another. @default false */
    readonly mustBeUtf8?: boolean;
  } = {},
): Promise<string> {
  const { stdin } = process;
  // Node reads nothing from it, and says nothing.
  if (fstatSync(0).isDirectory()) throw new Error("it is a directory");
  if (stdin.isTTY) throw new Error(`it is a terminal, and ${what} is expected from a pipe`);
  const stop = () => stdin.destroy(new Error("it had not ended by then"));
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
    const whole = Buffer.concat(chunks);
    if (mustBeUtf8 && !isUtf8(whole)) throw new Error("it is not UTF-8");
    return whole.toString("utf8");
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
