/** Says in words why a file or folder could not be read or written. */
export function describeFileFault(error: unknown): string {
  if (error instanceof RangeError && error.message === "Invalid string length") return tooLong;
  const code = fileFaultCode(error);
  return words.get(code ?? "") ?? code ?? String(error);
}

/** `ENOENT` and the like; undefined for what is no fault of the file system. */
export function fileFaultCode(error: unknown): string | undefined {
  return textIn(error, "code");
}

/** A text that an error carries, as the system's do; undefined where it carries none. */
export function textIn(error: unknown, key: string): string | undefined {
  try {
    const value: unknown = error instanceof Error ? Reflect.get(error, key) : undefined;
    return typeof value === "string" ? value : undefined;
  } catch {
    // What a plugin throws may throw itself when it is looked at.
    return undefined;
  }
}

/** What V8 says, and what Node says before it comes to that. */
const tooLong = "it is longer than a text can be (512 MiB)";

const words: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "no such file or directory"],
  ["EEXIST", "there is a file of that name"],
  ["ENOTDIR", "not a directory"],
  ["EISDIR", "it is a directory"],
  ["EACCES", "permission denied"],
  ["EPERM", "not permitted"],
  ["ELOOP", "its symbolic links lead in a circle"],
  ["ENAMETOOLONG", "the name is too long"],
  ["ENOSPC", "no space left"],
  ["EDQUOT", "the disk quota is used up"],
  ["EIO", "input/output error"],
  ["ESTALE", "its file system was mounted anew meanwhile (stale file handle)"],
  ["EROFS", "the file system is read-only"],
  ["EMFILE", "too many open files"],
  ["ENFILE", "too many open files on this host"],
  ["ENXIO", "it is a pipe that nobody reads, or a socket"],
  // What Node says of EAGAIN.
  ["ERR_SYSTEM_ERROR", "the system takes no more of it: it may be a pipe whose reader is slow"],
  ["ENOMEM", "not enough memory"],
  ["EFBIG", "larger than a file may be here"],
  ["ERR_STRING_TOO_LONG", tooLong],
  ["ERR_FS_FILE_TOO_LARGE", tooLong],
]);
