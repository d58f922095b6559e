/** More than this is no request. */
const longest = 4 * 1024 * 1024;

/**
 * Reads standard input to its end.
 *
 * @throws Error where nothing ends it in time, where it is a terminal, or where it is too long
 */
export async function readStandardInput({ limitMs }: { readonly limitMs: number }): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) throw new Error("it is a terminal, and a request is expected from a pipe");
  const timer = setTimeout(
    () => stdin.destroy(new Error(`it did not end within ${limitMs / 1000} s`)),
    limitMs,
  );
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
    clearTimeout(timer);
  }
}
