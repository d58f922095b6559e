import stringWidth from "string-width";
import { plainLine } from "../common/plain-line.ts";

const graphemes = new Intl.Segmenter();

/**
 * One line of a screen: without colours and control characters, and with an ellipsis where it is cut to this many columns.
 * A character may be two columns wide.
 */
export function fitLine(text: string, columns: number): string {
  // A tab is as wide as the terminal likes.
  const line = plainLine(text.replaceAll("\t", " "));
  if (stringWidth(line) <= columns) return line;
  if (columns < 1) return "";
  let kept = "";
  let width = 0;
  for (const { segment } of graphemes.segment(line)) {
    width += stringWidth(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** Filled up with spaces, or cut, to this many columns. */
export function padLine(text: string, columns: number): string {
  const line = fitLine(text, columns);
  return line + " ".repeat(Math.max(0, columns - stringWidth(line)));
}

/** How many columns it takes, as far as it has no line ends and tabs. */
export function lineWidth(text: string): number {
  return stringWidth(text);
}
