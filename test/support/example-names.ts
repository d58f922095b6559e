/** What the examples of doc comments have at hand beside the public API, and the types that they are checked by. */
export const namesAtHand = {
  registry: "Registry",
  tree: "Tree",
  plan: "Plan",
  backend: "Backend",
  access: "ClusterAccess",
  open: "OpenCluster",
  releases: "readonly RenderedRelease[]",
  manifests: "string",
  text: "string",
  servicesDir: "string",
  signal: "AbortSignal",
};

/** Those that examples get which are run. */
export type AtHand = Readonly<Partial<Record<keyof typeof namesAtHand, unknown>>>;
