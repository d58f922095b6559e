import type { ClassifiedRelease } from "../registry/classify.ts";
import type { SelectedServices } from "../tree/selection.ts";
import type { Excluded } from "./plan.ts";

/** Why no step deploys a release of MediaWiki. Where a stage hands MediaWiki over, its command does. */
export const scapDeploysIt = "MediaWiki: scap deploys it";

/** Which releases a rollout deploys, and why it leaves the others alone. */
export interface IncludedReleases {
  readonly included: readonly ClassifiedRelease[];
  readonly excluded: readonly Excluded[];
}

/** Why a release is not in a plan that helmfile does not install in its environment. */
export function notInstalledIn(environment: string): string {
  return `not installed in ${environment}`;
}

/** Sorts releases into those that the rollout deploys and those that it does not, each with its reason. */
export function includeReleases(
  releases: readonly ClassifiedRelease[],
  options: {
    readonly environment: string;
    readonly selected: SelectedServices;
    readonly supportOnly: boolean;
    readonly withMediawiki: boolean;
  },
): IncludedReleases {
  const included: ClassifiedRelease[] = [];
  const excluded: Excluded[] = [];
  for (const classified of releases) {
    const reason = reasonToExclude(classified, options);
    if (reason === undefined) included.push(classified);
    else excluded.push({ release: classified.release.id, class: classified.class, reason });
  }
  return { included, excluded };
}

function reasonToExclude(
  { release, class: releaseClass }: ClassifiedRelease,
  options: Parameters<typeof includeReleases>[1],
): string | undefined {
  const leftOut = options.selected.leftOut.get(release.service);
  if (leftOut !== undefined) return leftOut;
  if (!release.installed) return notInstalledIn(options.environment);
  if (releaseClass === "mediawiki" && !options.withMediawiki) return scapDeploysIt;
  if (releaseClass === "unclassified") return "unclassified";
  if (options.supportOnly && releaseClass !== "support") return "not a support release (--support-only)";
  return undefined;
}
