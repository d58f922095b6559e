/** What a reader of a runbook copies to do it by hand: the blocks below "By hand" with helmfiles in them, in order. */
export function plainBlocks(runbook: string): string[] {
  const blocks = runbook.matchAll(/^(`{3,})sh\n(.*?)\n\1$/gms);
  return [...blocks]
    .map(([, , text = ""]) => text)
    .filter((text) => /^ *helmfile --file /m.test(text))
    .flatMap((text) => text.split("\n\n"));
}
