import type { ReleaseId } from "../common/release.ts";
import type { Classification } from "../registry/classify.ts";
import { isNamedAtRunTime, type Registry } from "../registry/registry.ts";
import { remedyForMissing, requiredSupport } from "../registry/required-support.ts";
import type { CheckFacts, EnvironmentFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";
import { isNowhereMissed } from "./missed-support.ts";
import type { RegistryChange } from "./registry-change.ts";

/** Support releases that the registry requires where MediaWiki is, and that no helmfile installs there. */
export function checkSupport(facts: CheckFacts): Found[] {
  const { environments, registry } = facts;
  return environments.flatMap((one) =>
    [...namespacesWithMediawiki(one, registry)].flatMap((namespace) =>
      missing(namespace, one, registry).map((found) => ({ ...found, changes: limitChanges(found, facts) })),
    ),
  );
}

/** Where manifests show that nothing misses it, it is required only where it is. */
function limitChanges({ subject, place }: Found, facts: CheckFacts): RegistryChange[] {
  const having = facts.environments.filter(({ byId }) => byId.get(subject)?.release.installed);
  if (!place || having.length === 0 || !isNowhereMissed(subject, facts)) return [];
  return [{ kind: "limit", place, environments: having.map(({ environment }) => environment) }];
}

/** Those with a release of MediaWiki, or where they are named only when they are deployed. */
function namespacesWithMediawiki({ installed }: EnvironmentFacts, registry: Registry): ReadonlySet<string> {
  return new Set(
    installed
      .filter((one) => one.class === "mediawiki" || isNamedAtRunTime(one.release.namespace, registry))
      .map(({ release }) => release.namespace),
  );
}

function missing(
  namespace: string,
  { environment, classification, incomplete }: EnvironmentFacts,
  registry: Registry,
): Found[] {
  if (incomplete.has(namespace)) return [];
  return requiredSupport(namespace, { registry, environment, classification })
    .filter(({ installed }) => installed === false)
    .map(({ release, place }) => ({
      ...({ code: "support-not-installed", severity: "warning", environment, subject: release } as const),
      message: `MediaWiki in ${namespace} requires ${release}, which no helmfile installs`,
      remedy: remedyForMissing(release, { registry, installed: installedIds(classification) }),
      ...(place ? { place } : {}),
    }));
}

function installedIds({ releases }: Classification): ReleaseId[] {
  return releases.filter(({ release }) => release.installed).map(({ release }) => release.id);
}
