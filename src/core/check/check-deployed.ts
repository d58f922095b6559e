import { isNamedAtRunTime, type Registry } from "../registry/registry.ts";
import { requiredSupport } from "../registry/required-support.ts";
import type { CheckFacts, EnvironmentFacts } from "./check-facts.ts";
import type { DeployedNamespace } from "./deployed-releases.ts";
import type { Found } from "./finding.ts";

/** What helm has deployed in MediaWiki's namespaces, against what the trees install there. */
export function checkDeployed({ environments, registry, question, isAsked }: CheckFacts): Found[] {
  return environments.flatMap((facts) => {
    const deployed = question.deployed?.find(({ environment }) => environment === facts.environment);
    return (deployed?.namespaces ?? [])
      .filter(({ namespace }) => isAskedNamespace(namespace, facts, isAsked))
      .flatMap((one) => [...notListed(one, facts, registry), ...notDeployed(one, facts, registry)]);
  });
}

function isAskedNamespace(
  namespace: string,
  { classification }: EnvironmentFacts,
  isAsked: CheckFacts["isAsked"],
): boolean {
  return classification.releases.some(
    ({ release }) => release.namespace === namespace && isAsked(release.service),
  );
}

function notListed(
  { namespace, releases = [], message }: DeployedNamespace,
  { environment, byId, incomplete }: EnvironmentFacts,
  registry: Registry,
): Found[] {
  if (message !== undefined) {
    const what = `what is deployed in ${namespace} could not be read: ${message}`;
    return [
      { code: "cluster-unreadable", severity: "warning", environment, subject: namespace, message: what },
    ];
  }
  return releases
    .map(({ name, status }) => ({ id: `${namespace}/${name}`, status }))
    .filter(({ id }) => {
      const known = byId.get(id)?.release;
      return known ? !known.installed : !isNamedAtRunTime(namespace, registry) && !incomplete.has(namespace);
    })
    .map(({ id, status }) => ({
      ...({ code: "deployed-not-listed", severity: "warning", environment, subject: id } as const),
      message: `${id} is in the cluster (${status}), and no helmfile installs it`,
      remedy: "uninstall it if nothing needs it any more, or add it to its helmfile",
    }));
}

function notDeployed(
  { namespace, releases }: DeployedNamespace,
  { environment, classification }: EnvironmentFacts,
  registry: Registry,
): Found[] {
  if (!releases) return [];
  const statuses = new Map(releases.map(({ name, status }) => [`${namespace}/${name}`, status]));
  return requiredSupport(namespace, { registry, environment, classification })
    .filter(({ release, installed }) => installed !== false && statuses.get(release) !== "deployed")
    .map(({ release, place }) => ({
      ...({ code: "support-not-deployed", severity: "warning", environment, subject: release } as const),
      message: `MediaWiki in ${namespace} requires ${release}, which is ${statuses.get(release) ?? "not"} in the cluster`,
      remedy: `charlie-mediawiki preflight -e ${environment} tells more, and the command that deploys it`,
      ...(place ? { place } : {}),
    }));
}
