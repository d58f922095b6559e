import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fixtures } from "./fixtures.ts";

/** The namespaces of the fixtures' tree, those included in which nothing may ever be deployed. */
export const treeNamespaces: readonly string[] = [
  ...readdirSync(join(fixtures, "tree", "services")).filter((service) => !service.startsWith("_")),
  "example",
];
