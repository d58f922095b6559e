/** Lines that belong together, and what becomes of them where there is no room for all. */
export interface ViewSection {
  readonly lines: readonly string[];
  /** So many of them come before what others have more than they want. */
  readonly wants: number;
  /** No more lines than there is room for, at least one; what is left out is counted. */
  readonly cut: (lines: readonly string[], room: number) => readonly string[];
}

/**
 * The lines of all sections, in their order, in no more rows than these. Each has one row before any has a second, and
 * as many as it wants before any has more. Where there is too little, the last ones come first; where there is more, the
 * first ones.
 */
export function shareRows(sections: readonly ViewSection[], rows: number): string[] {
  const shares = sections.map(() => 0);
  let left = rows;
  const give = (at: number, upTo: number) => {
    const share = shares[at] ?? 0;
    const more = Math.min(left, Math.max(0, Math.min(upTo, sections[at]?.lines.length ?? 0) - share));
    shares[at] = share + more;
    left -= more;
  };
  const order = [...sections.keys()].reverse();
  for (const at of order) give(at, 1);
  for (const at of order) give(at, sections[at]?.wants ?? 0);
  for (const at of sections.keys()) give(at, Number.POSITIVE_INFINITY);
  return sections.flatMap(({ lines, cut }, at) => {
    const share = shares[at] ?? 0;
    if (share >= lines.length) return lines;
    return share === 0 ? [] : cut(lines, share);
  });
}
