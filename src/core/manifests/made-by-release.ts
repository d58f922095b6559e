import { namespaceOf } from "../common/release.ts";
import type { RenderedRelease } from "./derived.ts";
import { type ObjectKind, objectKindOf } from "./object-kind.ts";

/** What the manifests of a release make that others may need. */
export interface MadeByRelease {
  /** `namespace/name`. */
  readonly release: string;
  /** Names of Services. */
  readonly services: readonly string[];
  /** What pods may mount or run as; absent where nothing is known of it. */
  readonly objects?: readonly MadeObject[];
}

/** An object that pods are started with: a ConfigMap, a Secret, a volume claim, a ServiceAccount. */
export interface MadeObject {
  readonly kind: ObjectKind;
  readonly namespace: string;
  readonly name: string;
}

/**
 * What is still to be known of a release when it is known what it needs: manifests of all releases take much memory.
 *
 * @example
 * const rendered = [{
 *   environment: tree.environment,
 *   derived: deriveDependencies(releases),
 *   releases: releases.map(madeByRelease),
 *   notRendered: [],
 *   faults: [],
 * }];
 * checkRegistry(registry, { trees: [tree], allEnvironments: false, rendered }).map(({ code }) => code);
 * // ["dns-instead"]
 */
export function madeByRelease({ id, objects }: RenderedRelease): MadeByRelease {
  return {
    release: id,
    services: objects.flatMap(({ service, name }) => (service ? [name] : [])),
    objects: objects.flatMap(({ kind: manifestKind, name, namespace = namespaceOf(id) }) => {
      const kind = objectKindOf(manifestKind);
      return kind === undefined ? [] : [{ kind, namespace, name }];
    }),
  };
}
