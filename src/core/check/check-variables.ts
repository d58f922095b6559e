import { namespaceOf } from "../common/release.ts";
import type { UnprovidedVariable } from "../manifests/derived.ts";
import { serviceOf } from "../manifests/service-variable.ts";
import type { Registry } from "../registry/registry.ts";
import type { CheckFacts, EnvironmentFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";

/** Variables that containers read and do not get: from no release, or because their pods ask for none. */
export function checkVariables({ environments, registry }: CheckFacts): Found[] {
  return environments.flatMap((facts) => [
    ...(facts.rendered?.derived.unprovided ?? []).flatMap((one) => [
      unprovided(one, facts, registry),
      ...elsewhere(one, facts, environments),
    ]),
    ...unlinked(facts),
  ]);
}

function unprovided(
  { release, variable, why, evidence }: UnprovidedVariable,
  { environment, incomplete }: EnvironmentFacts,
  registry: Registry,
): Found {
  const namespace = namespaceOf(release);
  const place = registry.namespaces.get(namespace)?.place;
  const isDoubtful = incomplete.has(namespace);
  const doubt = isDoubtful ? ", unless what could not be read or rendered does" : "";
  return {
    ...{ code: "unprovided-variable", severity: isDoubtful ? "warning" : "error", subject: release },
    ...{ environment, evidence },
    message: `${release} reads ${variable}, and ${whyUnprovided(variable, why, namespace)}${doubt}`,
    remedy: `deploy the Service ${serviceOf(variable)} in ${namespace}, or set ${variable} in the values of ${release}`,
    ...(place ? { place } : {}),
  };
}

function whyUnprovided(variable: string, why: UnprovidedVariable["why"], namespace: string): string {
  const service = `Service ${serviceOf(variable)}`;
  switch (why) {
    case "no-service":
      return `no release of ${namespace} provides the ${service}`;
    case "no-address":
      return `the ${service} has no address of its own, so that there is no such variable`;
    case "no-port":
      return `the ${service} has no such port`;
  }
}

/** The same variable is provided in other environments: mostly there the release was forgotten here. */
function elsewhere(
  { release, variable }: UnprovidedVariable,
  { environment }: EnvironmentFacts,
  environments: CheckFacts["environments"],
): Found[] {
  const having = environments.flatMap(({ environment: other, rendered }) =>
    (rendered?.derived.edges ?? [])
      .filter(({ from, kind }) => from === release && kind === "variable")
      .filter(({ evidence }) => evidence.some(({ mention }) => mention === variable))
      .map(({ to }) => ({ other, to })),
  );
  if (having.length === 0) return [];
  const providers = [...new Set(having.map(({ to }) => to))].toSorted().join(", ");
  const where = [...new Set(having.map(({ other }) => other))].toSorted().join(", ");
  return [
    {
      ...{ code: "dependency-differs", severity: "warning", environment, subject: release },
      message: `${release} gets ${variable} from ${providers} in ${where}, and from nobody here`,
      remedy: `install ${providers} here too, or set ${variable} in the values of ${release}`,
    },
  ];
}

function unlinked({ environment, rendered }: EnvironmentFacts): Found[] {
  return (rendered?.derived.faults ?? []).map(({ release, code, message, remedy, place }) => ({
    ...({ code, severity: "error", environment, subject: release, message } as const),
    ...(remedy === undefined ? {} : { remedy }),
    ...(place ? { place } : {}),
  }));
}
