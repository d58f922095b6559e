import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";

/** Longer than a command line can be on any system of today. */
const maxBytes = 4 * 1024 * 1024;

/**
 * The text of a file in a folder where anybody may put something; undefined for what is no file of a sensible size. A link
 * is not followed (`ELOOP`), and a pipe that somebody has put there is not waited for. Throws what the system throws.
 */
export function readPlainFile(file: string): string | undefined {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const found = fstatSync(fd);
    return found.isFile() && found.size <= maxBytes ? readFileSync(fd, "utf8") : undefined;
  } finally {
    closeSync(fd);
  }
}

/**
 * The bytes of a file that somebody has named, of any size; undefined for what is no file, as a pipe, which is not waited for. A
 * link is followed. Rejects with what the system says.
 */
export async function readNamedFile(file: string): Promise<Buffer | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return (await handle.stat()).isFile() ? await handle.readFile() : undefined;
  } finally {
    await handle.close();
  }
}
