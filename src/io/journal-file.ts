import {
  closeSync,
  constants,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  openSync,
  rmSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** A file to which whole lines are added, one at a time. */
export interface JournalFile {
  /**
   * Writes a line, which must not hold a line end; `lasting` waits until the disk has it. Throws what the system throws:
   * then nothing of the line is in the file, or the line is whole and perhaps not on the disk.
   */
  append(line: string, how: { readonly lasting: boolean }): void;
  close(): void;
}

/** What it needs of the system: tests let it fail. */
export interface FileCalls {
  readonly write: (fd: number, bytes: Uint8Array, offset: number) => number;
  readonly truncate: (fd: number, length: number) => void;
  readonly sync: (fd: number) => void;
}

const system: FileCalls = {
  write: (fd, bytes, offset) => writeSync(fd, bytes, offset),
  truncate: ftruncateSync,
  sync: fdatasyncSync,
};

/**
 * Makes a file, which must not be there yet, with these lines in it. It gets its name only when they are on the disk:
 * whoever finds it finds all of them. Throws what the system throws, and leaves nothing behind then.
 */
export function makeJournalFile(
  file: string,
  lines: readonly string[],
  calls: FileCalls = system,
): JournalFile {
  const unnamed = join(dirname(file), `.${basename(file)}.new`);
  const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;
  const fd = openSync(unnamed, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o600);
  try {
    const made = new LineWriter(fd, calls);
    lines.forEach((line, at) => {
      made.append(line, { lasting: at === lines.length - 1 });
    });
    // Not rename, which would replace a file of that name.
    linkSync(unnamed, file);
    rmSync(unnamed);
    syncFolder(dirname(file));
    return made;
  } catch (error) {
    closeSync(fd);
    rmSync(unnamed, { force: true });
    throw error;
  }
}

class LineWriter implements JournalFile {
  readonly #fd: number;
  readonly #calls: FileCalls;
  /** Where the last whole line ends. */
  #length = 0;
  /** Half a line stands at the end, and could not be taken back. */
  #halfLine: unknown;
  #closed = false;

  constructor(fd: number, calls: FileCalls) {
    this.#fd = fd;
    this.#calls = calls;
  }

  append(line: string, { lasting }: { readonly lasting: boolean }): void {
    // Another file may have got its number since.
    if (this.#closed) throw new Error("the journal is closed");
    // What follows half a line would be glued to it: then both were lost, and the journal broken in its middle.
    if (this.#halfLine !== undefined) throw this.#halfLine;
    const bytes = Buffer.from(`${line}\n`);
    let written = 0;
    try {
      while (written < bytes.length) {
        const more = this.#calls.write(this.#fd, bytes, written);
        if (more === 0) throw new Error("nothing could be written");
        written += more;
      }
    } catch (error) {
      if (written > 0) this.#takeBack(error);
      throw error;
    }
    this.#length += bytes.length;
    if (lasting) this.#calls.sync(this.#fd);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#fd);
  }

  #takeBack(cause: unknown): void {
    try {
      this.#calls.truncate(this.#fd, this.#length);
    } catch {
      this.#halfLine = cause;
    }
  }
}

/** Else the power could fail and take the file's name with it. Not every file system can. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } catch {
    // The file itself is written all the same.
  } finally {
    closeSync(fd);
  }
}
