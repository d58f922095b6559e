import type { Diagnostic } from "../common/diagnostic.ts";

/** What a plugin answers to a question about a cluster where its host looks at none. */
export const noCluster: Diagnostic = {
  severity: "error",
  code: "no-cluster",
  message: "this host hands the plugin nothing to look at clusters with, and this is about what is there",
};
