/** A text, and where its lines are. Most of them nobody wants to have alone. */
export interface TextLines {
  readonly text: string;
  /** Where each line begins, and behind them where the next one would: one more than there are lines. */
  readonly starts: readonly number[];
}

/** Some lines of a text, counted from 0; `end` is the first that no longer belongs. */
export interface LineSpan {
  readonly from: number;
  readonly end: number;
}

export function textLines(text: string): TextLines {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  if (starts.at(-1) !== text.length) starts.push(text.length + 1);
  return { text, starts };
}

/** A line without its end, counted from 0; empty where there is none. */
export function lineOf({ text, starts }: TextLines, at: number): string {
  const [start, next] = [starts[at], starts[at + 1]];
  return start === undefined || next === undefined ? "" : text.slice(start, next - 1);
}

/** The lines as they are written. */
export function textOfSpan({ text, starts }: TextLines, { from, end }: LineSpan): string {
  return text.slice(starts[from], starts[end]);
}
