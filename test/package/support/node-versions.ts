import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A version of Node to try, and its program where this machine has it. */
export interface NodeVersion {
  readonly name: string;
  readonly program: string | undefined;
}

/** The one that runs the tests, and those that are promised besides: `node22` and `node24` on PATH. */
export const nodeVersions: readonly NodeVersion[] = [
  { name: `Node ${process.versions.node}`, program: process.execPath },
  ...["22", "24"].map((version) => ({ name: `Node ${version}`, program: onPath(`node${version}`) })),
];

/** Where this is set, a version that is not there fails the tests instead of skipping them. */
export const allAreRequired = process.env.CHARLIE_NODES_REQUIRED === "1";

function onPath(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((file) => existsSync(file));
}
