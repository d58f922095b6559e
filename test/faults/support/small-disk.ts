import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A file system of its own, with so little room that a test can fill it. */
export interface SmallDisk {
  readonly folder: string;
  /** The file that takes the room. */
  readonly ballast: string;
  /** Takes what room there is but for so many bytes. */
  readonly fill: (left: number) => void;
  /** Gives it back. */
  readonly empty: () => void;
}

/** Why no file system can be mounted here; undefined where one can. */
export const whyNoSmallDisk = probe();

/** Unmounted when the test ends. */
export function smallDisk(bytes: number): SmallDisk {
  const folder = mountPoint();
  const why = mount(folder, bytes);
  if (why !== undefined) throw new Error(why);
  onTestFinished(() => unmount(folder));
  const ballast = join(folder, "ballast");
  return {
    folder,
    ballast,
    fill: (left) => {
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - left)));
    },
    empty: () => rmSync(ballast),
  };
}

function probe(): string | undefined {
  const folder = mountPoint();
  const why = mount(folder, 65_536);
  unmount(folder);
  return why;
}

function mountPoint(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), "charlie-disk-")));
}

function mount(folder: string, bytes: number): string | undefined {
  const args = ["-t", "tmpfs", "-o", `size=${bytes},mode=700`, "tmpfs", folder];
  const { status, stderr, error } = spawnSync("mount", args, { encoding: "utf8" });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

function unmount(folder: string): void {
  // Lazily: what a test left running there must not keep it.
  spawnSync("umount", ["-l", folder]);
  rmSync(folder, { recursive: true, force: true });
}
