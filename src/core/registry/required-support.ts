import type { Place } from "../common/diagnostic.ts";
import { matchesAny } from "../common/glob.ts";
import { oneTypoAway } from "../common/one-typo.ts";
import { nameOf, namespaceOf, type ReleaseId, releaseId } from "../common/release.ts";
import type { Classification } from "./classify.ts";
import { providedBy } from "./provided-services.ts";
import {
  allMembersOf,
  anyRelease,
  type Member,
  membersOf,
  type NamespaceEntry,
  type Registry,
} from "./registry.ts";

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

/**
 * The release that a line of an entry probably means, where there is none of the name that it has: one typo away, and
 * no other line of the entry names it.
 *
 * @param names of releases that there are in the namespace
 */
export function probablyMeant(
  release: string,
  names: readonly string[],
  entry: NamespaceEntry | undefined,
): string | undefined {
  const named = new Set((entry ? allMembersOf(entry) : []).map((member) => member.release));
  return oneTypoAway(
    release,
    names.filter((name) => !named.has(name)),
  );
}

/**
 * What to do where the registry requires a release that no helmfile installs.
 *
 * @param installed what helmfiles install, of this and other namespaces: one of them may be meant
 */
export function remedyForMissing(
  id: ReleaseId,
  { registry, installed }: { readonly registry: Registry; readonly installed: readonly string[] },
): string {
  const [namespace, release] = [namespaceOf(id), nameOf(id)];
  const names = installed.filter((one) => namespaceOf(one) === namespace).map(nameOf);
  const meant = probablyMeant(release, names, registry.namespaces.get(namespace));
  const guess = meant === undefined ? "" : `did you mean ${meant}? Else `;
  return `${guess}add the release, or name the environments where it is needed: { release: ${release}, environments: […] }`;
}

/** Whether a member of a class is required in an environment. */
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
