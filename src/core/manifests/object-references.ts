import { childOf, descendantOf, itemsOf, type ManifestNode, scalarOf, wordOf } from "./manifest-tree.ts";
import type { ObjectKind } from "./object-kind.ts";

/** An object that a pod cannot do without, or can if it is `optional`. */
export interface ObjectReference {
  readonly kind: ObjectKind;
  readonly name: string;
  readonly optional: boolean;
  /** Absent where it is the pod's as a whole. */
  readonly container?: string;
  readonly line: number;
}

/** The objects that the specification of a pod names. */
export function objectReferencesOf(
  spec: ManifestNode,
  containers: readonly ManifestNode[],
): ObjectReference[] {
  return [
    ...reference("service-account", [childOf(spec, "serviceAccountName"), childOf(spec, "serviceAccount")]),
    ...itemsOf(childOf(spec, "imagePullSecrets")).flatMap((node) =>
      // Without them an image that anyone may pull is pulled all the same.
      reference("secret", [childOf(node, "name")], { optional: true }),
    ),
    ...itemsOf(childOf(spec, "volumes")).flatMap(ofVolume),
    ...containers.flatMap(ofContainer),
  ];
}

function ofVolume(volume: ManifestNode): ObjectReference[] {
  const sources = [volume, ...itemsOf(descendantOf(volume, "projected", "sources"))];
  return [
    ...reference("volume-claim", [descendantOf(volume, "persistentVolumeClaim", "claimName")]),
    ...sources.flatMap((source) => {
      const [map, secret] = [childOf(source, "configMap"), childOf(source, "secret")];
      return [
        ...reference("config-map", [childOf(map, "name")], { optional: isOptional(map) }),
        ...reference("secret", [childOf(secret, "secretName"), childOf(secret, "name")], {
          optional: isOptional(secret),
        }),
      ];
    }),
    ...ofDriver(volume),
  ];
}

/** What drivers of volumes (`csi`, `cephfs`, `azureFile`, …) log in with. */
function ofDriver(volume: ManifestNode): ObjectReference[] {
  if (volume.kind !== "map") return [];
  return volume.values.flatMap((driver) => [
    ...reference("secret", [descendantOf(driver, "secretRef", "name")]),
    ...reference("secret", [descendantOf(driver, "nodePublishSecretRef", "name")]),
    ...(driver === childOf(volume, "azureFile") ? reference("secret", [childOf(driver, "secretName")]) : []),
  ]);
}

function ofContainer(container: ManifestNode): ObjectReference[] {
  const name = wordOf(childOf(container, "name")) ?? "";
  const found: ObjectReference[] = [];
  const add = (kind: ObjectKind, source: ManifestNode | undefined): void => {
    if (source === undefined) return;
    found.push(
      ...reference(kind, [childOf(source, "name")], { optional: isOptional(source), container: name }),
    );
  };
  for (const node of itemsOf(childOf(container, "envFrom"))) {
    add("config-map", childOf(node, "configMapRef"));
    add("secret", childOf(node, "secretRef"));
  }
  for (const node of itemsOf(childOf(container, "env"))) {
    const from = childOf(node, "valueFrom");
    add("config-map", childOf(from, "configMapKeyRef"));
    add("secret", childOf(from, "secretKeyRef"));
  }
  return found;
}

/** By the first of these that says something. */
function reference(
  kind: ObjectKind,
  names: readonly (ManifestNode | undefined)[],
  { optional = false, container }: { readonly optional?: boolean; readonly container?: string } = {},
): ObjectReference[] {
  const node = names.find((one) => wordOf(one) !== undefined);
  const name = wordOf(node);
  if (node === undefined || name === undefined) return [];
  return [{ kind, name, optional, ...(container === undefined ? {} : { container }), line: node.line }];
}

function isOptional(source: ManifestNode | undefined): boolean {
  return scalarOf(childOf(source, "optional")) === true;
}
