import { readdirSync } from "node:fs";
import { allServices } from "./fixtures.ts";

/** The namespaces of the fixtures' tree, those included in which nothing may ever be deployed. */
export const treeNamespaces: readonly string[] = [
  ...readdirSync(allServices).filter((service) => !service.startsWith("_")),
  "example",
];
