import type { Tree } from "../common/release.ts";
import { classify } from "../registry/classify.ts";
import type { Registry } from "../registry/registry.ts";

/** The class of each release, by environment and id. */
export type KnownClasses = ReadonlyMap<string, { readonly id: string; readonly class: string }>;

export function knownClasses(registry: Registry, trees: readonly Tree[]): KnownClasses {
  return new Map(
    trees.flatMap((tree) =>
      classify(tree, registry).releases.map(
        (one) => [`${tree.environment} ${one.release.id}`, { id: one.release.id, class: one.class }] as const,
      ),
    ),
  );
}

/**
 * What a change of the registry would loosen, which only people may do: MediaWiki would be rolled out in parallel, or no
 * longer wait for what it needs. A check may find nothing wrong with that.
 */
export function unsafeChange(before: KnownClasses, after: KnownClasses): string | undefined {
  for (const [key, { id, class: now }] of after) {
    const was = before.get(key)?.class;
    if (was === undefined || was === now) continue;
    if (now === "other") return `${id} would be other, and rolled out in parallel`;
    if (was === "mediawiki") return `${id} would be left to scap no longer`;
    if (was === "support") return `MediaWiki would wait for ${id} no longer`;
  }
  return undefined;
}
