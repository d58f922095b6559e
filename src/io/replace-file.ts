import { randomUUID } from "node:crypto";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import { fileFaultCode } from "./file-fault.ts";

/**
 * Replaces what a file holds, all of it or nothing, and keeps its mode and its owner. A link stays one.
 *
 * @throws what the system throws; the file is then as it was
 */
export async function replaceFile(file: string, text: string): Promise<void> {
  const path = await realpath(file);
  const like = await stat(path);
  const temporary = `${path}.${randomUUID()}`;
  const handle = await open(temporary, "wx", 0o600);
  try {
    await fill(handle, { text, like }).finally(() => handle.close());
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

async function fill(
  handle: FileHandle,
  {
    text,
    like: { uid, gid, mode },
  }: {
    readonly text: string;
    readonly like: { readonly uid: number; readonly gid: number; readonly mode: number };
  },
): Promise<void> {
  // The system may take a part of it and say no more: this goes on until it has taken all, or has said why not.
  await handle.writeFile(text);
  // Only root may give files away, and not to whom a container does not know; to a group of one's own anybody may.
  await handle
    .chown(uid, gid)
    .catch((error: unknown) => unlessForbidden(error, () => handle.chown(keepsIt, gid)))
    .catch((error: unknown) => unlessForbidden(error, async () => {}));
  await handle.chmod(mode & 0o7777);
  await handle.sync();
}

/** To chown: that it stays whose it is. */
const keepsIt = -1;

async function unlessForbidden(error: unknown, otherwise: () => Promise<void>): Promise<void> {
  if (!["EPERM", "EINVAL"].includes(fileFaultCode(error) ?? "")) throw error;
  await otherwise();
}
