/**
 * What a literal block says.
 *
 * @param written from the line end before its first line on, to that of the last line
 */
export function literalText(
  written: string,
  { inner, chomping }: { readonly inner: number; readonly chomping: string },
): string {
  // Blank lines may be shorter than the indentation.
  const lines = written.split("\n").map((line) => line.slice(inner));
  const text = lines.join("\n");
  let end = text.length;
  while (text.endsWith("\n", end)) end--;
  if (chomping === "-") return text.slice(1, end);
  const withEnd = end === text.length ? `${text}\n` : text;
  return withEnd.slice(1, chomping === "+" ? withEnd.length : end + 1);
}
