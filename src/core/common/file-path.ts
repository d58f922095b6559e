/** A path that may stand in a command line: not empty, no leading `-`, no control characters. */
export function isFilePath(text: string): boolean {
  return text !== "" && !text.startsWith("-") && !hasControlCharacters(text);
}

/** The path of a helmfile: absolute, or below the folder that it is relative to (no `..`). */
export function isHelmfilePath(text: string): boolean {
  return isFilePath(text) && (text.startsWith("/") || !text.split("/").includes(".."));
}

/** Whether a text could move the cursor, break a line or end an argument where it is shown or handed on. */
export function hasControlCharacters(text: string): boolean {
  return /\p{Cc}/u.test(text);
}
