/** Objects that a pod cannot be started without: what an edge to one is called, and its kind in a manifest. */
export const objectKinds = {
  "config-map": "ConfigMap",
  secret: "Secret",
  "volume-claim": "PersistentVolumeClaim",
  "service-account": "ServiceAccount",
} as const;

export type ObjectKind = keyof typeof objectKinds;

/** What an edge to an object of this kind is called; undefined where no pod can refer to one. */
export function objectKindOf(manifestKind: string): ObjectKind | undefined {
  return byManifestKind.get(manifestKind);
}

const byManifestKind: ReadonlyMap<string, ObjectKind> = new Map([
  [objectKinds["config-map"], "config-map"],
  [objectKinds.secret, "secret"],
  [objectKinds["volume-claim"], "volume-claim"],
  [objectKinds["service-account"], "service-account"],
]);
