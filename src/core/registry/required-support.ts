import type { Place } from "../common/diagnostic.ts";
import { matchesAny } from "../common/glob.ts";
import { nameOf, type ReleaseId, releaseId } from "../common/release.ts";
import type { Classification } from "./classify.ts";
import { providedBy } from "./provided-services.ts";
import { anyRelease, type Member, membersOf, type Registry } from "./registry.ts";

/** A release that MediaWiki needs before it is deployed. */
export interface RequiredRelease {
  readonly release: ReleaseId;
  /** Names of the Kubernetes Services that it provides. */
  readonly services: readonly string[];
  /** The line of the registry that requires it; absent where only the tree says that it is support. */
  readonly place?: Place;
  /** No helmfile installs it in this environment, as far as the tree was read. */
  readonly installed?: false;
}

/**
 * What MediaWiki needs first in a namespace: the support releases that the registry names for this environment, in its
 * order. With a classified tree also every other support release that a helmfile installs there, by name.
 */
export function requiredSupport(
  namespace: string,
  context: {
    readonly registry: Registry;
    readonly environment: string;
    readonly classification?: Classification | undefined;
  },
): readonly RequiredRelease[] {
  const { registry, environment, classification } = context;
  const members = supportMembers(namespace, registry);
  const installed = installedIn(namespace, classification);
  const named = members
    .filter((member) => isRequired(member, environment))
    .map(({ release, place }): RequiredRelease => {
      const id = releaseId(namespace, release);
      const isMissing = classification !== undefined && !installed.some((one) => one.release.id === id);
      return {
        release: id,
        services: providedBy(id, registry),
        place,
        ...(isMissing ? { installed: false } : {}),
      };
    });
  // One that is limited to other environments is not required here, even where a helmfile installs it.
  const decided = new Set(members.map(({ release }) => release));
  const found = installed
    .filter((one) => one.class === "support" && !decided.has(one.release.name))
    .map(({ release }) => release.id)
    .toSorted();
  return [...named, ...found.map((id) => ({ release: id, services: providedBy(id, registry) }))];
}

/** What to do where the registry requires a release that no helmfile installs. */
export function remedyForMissing(id: ReleaseId): string {
  return `add the release, or name the environments where it is needed: { release: ${nameOf(id)}, environments: […] }`;
}

/** Whether a member of a class belongs to an environment. */
export function isRequired({ environments }: Member, environment: string): boolean {
  return environments === undefined || matchesAny(environments, environment);
}

/** The support releases that the registry names, whatever the environment. */
export function supportMembers(namespace: string, registry: Registry): Member[] {
  return membersOf(namespace, "support", registry).filter(({ release }) => release !== anyRelease);
}

function installedIn(namespace: string, classification: Classification | undefined) {
  return (classification?.releases ?? []).filter(
    ({ release }) => release.installed && release.namespace === namespace,
  );
}
