import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { execa } from "execa";
import { repository } from "../../host/support/built-command.ts";

/** Where a life ends: `before` a line of its journal is written, `within` it, or `after` it. */
export interface Death {
  readonly line: number;
  readonly when: "before" | "within" | "after";
}

/** Processes that live a rollout of 150 steps, one after the other. */
export interface Lives {
  /** A folder for one rollout: its state, and its world. */
  readonly folder: () => string;
  /** One process; without a death it goes on until all is done, and ends with 0. */
  readonly live: (folder: string, death?: Death) => Promise<"killed" | number>;
  readonly remove: () => void;
}

export async function makeLives(): Promise<Lives> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "charlie-lives-")));
  const program = join(root, "life.mjs");
  await build({
    absWorkingDir: repository,
    entryPoints: ["test/faults/support/life.ts"],
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
  });
  return {
    folder: () => mkdtempSync(join(root, "state-")),
    live: async (folder, death) => {
      const dies = death ? [`${death.line}`, death.when] : [];
      const args = [program, folder, worldOf(folder), ...dies];
      const { exitCode, signal, stderr } = await execa(process.execPath, args, { reject: false });
      if (signal === "SIGKILL") return "killed";
      if (stderr !== "") throw new Error(stderr);
      return exitCode ?? -1;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The file of the world of a rollout. */
export function worldOf(folder: string): string {
  return join(folder, "world");
}
