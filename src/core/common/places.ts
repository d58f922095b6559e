import type { Place } from "./diagnostic.ts";

/** A file as it was read. `file` is how messages name it. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** Offsets into the text, counted from 0 in UTF-16 code units; `end` is the first that no longer belongs. */
export type PlaceAt = (start: number, end: number) => Place;

/** The offset at which each line of a text begins. */
export function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Gives the places of a text by offset. A place of several lines is cut at the end of its first. */
export function placesOf({ file, text }: SourceText): PlaceAt {
  const starts = lineStarts(text);
  const lineOf = (index: number) => {
    const line = text.slice(starts[index], (starts[index + 1] ?? text.length + 1) - 1).replace(/\r$/, "");
    return { index, line, width: line.trimEnd().length };
  };
  // A whole file may be one line, with thousands of places.
  let latest = lineOf(0);
  return (start, end) => {
    const index = lineAt(starts, start);
    if (latest.index !== index) latest = lineOf(index);
    // What lies behind the last visible character (a value that is missing, the end of the file) is shown at it.
    const { line, width } = latest;
    const lineStart = starts[index] ?? 0;
    const from = Math.max(0, Math.min(start - lineStart, width - 1));
    const to = Math.min(end - lineStart, width);
    return { file, line: index + 1, column: from + 1, length: Math.max(1, to - from), text: line };
  };
}

/** The part of a place whose text is `part`, or the whole place where its line does not show it. */
export function placeWithin(place: Place, part: string): Place {
  const start = place.column - 1;
  const at = place.text.slice(0, start + place.length).indexOf(part, start);
  return at < 0 ? place : { ...place, column: at + 1, length: part.length };
}

/** The last line that begins at or before the offset. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
