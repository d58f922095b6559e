import { groupedBy } from "../common/grouped-by.ts";
import { releaseId } from "../common/release.ts";
import type { RenderedRelease } from "./derived.ts";
import type { RenderedObject } from "./rendered-objects.ts";

/** Objects by the release that they belong to, and those of which nothing says it. */
export interface ObjectsByRelease {
  /** By id. */
  readonly releases: readonly RenderedRelease[];
  readonly strays: readonly RenderedObject[];
}

/**
 * Sorts objects by release: as helm's annotations say it, else by the labels `release` or `app.kubernetes.io/instance`
 * and the object's own namespace. Where files say whose they are, as those of `helmfile template --output-dir` do, put
 * `{ id: "namespace/name", objects }` together yourself.
 */
export function objectsByRelease(objects: readonly RenderedObject[]): ObjectsByRelease {
  const found: RenderedRelease[] = [];
  const strays: RenderedObject[] = [];
  for (const object of objects) {
    const namespace = object.release?.namespace ?? object.namespace;
    if (object.release === undefined || namespace === undefined) {
      strays.push(object);
      continue;
    }
    found.push({ id: releaseId(namespace, object.release.name), objects: [object] });
  }
  return { releases: joinReleases(found), strays };
}

/** One entry for each release, sorted. */
export function joinReleases(releases: readonly RenderedRelease[]): RenderedRelease[] {
  return [...groupedBy(releases, ({ id }) => id)]
    .map(([id, parts]) => ({ id, objects: parts.flatMap(({ objects }) => objects) }))
    .sort((one, other) => (one.id < other.id ? -1 : 1));
}
