import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = new URL("../../../", import.meta.url);

/** The charts, the tree, its registry and its commands. */
export const fixtures: string = fileURLToPath(new URL("fixtures/e2e", root));

/** A folder for each service of the tree. */
export const allServices: string = join(fixtures, "tree", "services");

/** The bundled command; `npm run build` makes it. */
export const charlieBundle: string = fileURLToPath(new URL("dist/bundle/charlie-mediawiki.js", root));

/** A program of others that asks for a preflight. */
export const preflightExample: string = fileURLToPath(new URL("docs/examples/preflight.py", root));

/** Another host, in Python. */
export const hostExample: string = fileURLToPath(new URL("docs/examples/charlie_host.py", root));
