import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";

/** The folder of this repository. */
export const repository = fileURLToPath(new URL("../../../", import.meta.url));

/** The command and the plugin of this package, built from the sources as they are now. */
export interface BuiltCommand {
  /** A folder like that of the installed package: its `plugin.json` is the package's own. */
  readonly folder: string;
  /** The file that node runs. */
  readonly program: string;
  readonly remove: () => void;
}

/** Puts the command into a folder of its own, as build.js does into dist/. */
export async function buildCommand(): Promise<BuiltCommand> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "charlie-built-")));
  const fromRepository = (name: string): string => join(repository, name);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  cpSync(fromRepository("plugin.json"), join(folder, "plugin.json"));
  // Tests run side by side, and must not lock the host's environments for one another.
  const registry = readFileSync(fromRepository("registry.yaml"), "utf8").replace(/^lockFolder:.*\n/m, "");
  writeFileSync(join(folder, "registry.yaml"), registry);
  mkdirSync(join(folder, "fixtures"));
  symlinkSync(fromRepository("fixtures/inventories"), join(folder, "fixtures/inventories"));
  mkdirSync(join(folder, "dist"));
  cpSync(inject("bundle"), join(folder, "dist/bundle"), { recursive: true });
  // It came from a folder for this user alone; other users may run what is installed.
  chmodSync(join(folder, "dist/bundle"), 0o755);
  return {
    folder,
    program: join(folder, "dist/bundle/charlie-mediawiki.js"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
