/**
 * Why nothing can begin in the current folder; undefined where it is there. Relative paths lead from it, and each program
 * that is started would begin in it.
 */
export function whyNotHere(): string | undefined {
  try {
    process.cwd();
    return undefined;
  } catch {
    return "the current folder is gone (removed, or made anew): change to one that is there, and try again";
  }
}
