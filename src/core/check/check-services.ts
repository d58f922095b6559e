import { nameOf, type ReleaseId, releaseId } from "../common/release.ts";
import { serviceOf } from "../manifests/service-variable.ts";
import { providedBy, providedEntry } from "../registry/provided-services.ts";
import { type Registry, registryName } from "../registry/registry.ts";
import type { CheckFacts, EnvironmentFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";

/** What `services` says that support releases provide, against the Services that their manifests make. */
export function checkServices({ environments, registry }: CheckFacts): Found[] {
  return environments.flatMap((facts) => [...notMade(facts, registry), ...notNamed(facts, registry)]);
}

function notMade({ environment, installed, rendered }: EnvironmentFacts, registry: Registry): Found[] {
  return installed
    .filter((one) => one.class === "support")
    .flatMap(({ release: { id } }): Found[] => {
      const made = rendered?.releases.find(({ release }) => release === id)?.services;
      if (!made) return [];
      const place = providedEntry(id, registry)?.place;
      return providedBy(id, registry)
        .filter((service) => !made.includes(service))
        .map((service) => ({
          ...({ code: "service-not-made", severity: "error", environment, subject: id } as const),
          message: `the registry says that ${id} provides the Service ${service}, and its manifests make ${listed(made)}`,
          remedy: "correct the entry: gates and preflights wait for this Service",
          ...(place ? { place } : {}),
        }));
    });
}

function listed(services: readonly string[]): string {
  return services.length === 0 ? "none" : `only ${services.toSorted().join(", ")}`;
}

/** A gate does not wait for a Service that the registry does not name, and MediaWiki starts without its variables. */
function notNamed({ environment, byId, rendered }: EnvironmentFacts, registry: Registry): Found[] {
  const read = (rendered?.derived.edges ?? []).filter(
    ({ kind, soft, from, to }) =>
      kind === "variable" &&
      !soft &&
      byId.get(from)?.class === "mediawiki" &&
      byId.get(to)?.class === "support",
  );
  const services = new Map<
    string,
    { readonly id: ReleaseId; readonly service: string; readonly from: string }
  >();
  for (const { from, to, evidence } of read) {
    const id = byId.get(to)?.release.id ?? releaseId("", to);
    for (const { mention } of evidence) {
      const service = serviceOf(mention);
      const key = `${id} ${service}`;
      if (!providedBy(id, registry).includes(service) && !services.has(key))
        services.set(key, { id, service, from });
    }
  }
  return [...services.values()].map(({ id, service, from }) => {
    const known = providedEntry(id, registry);
    // All that are missing at once: an entry of its own for each would be one too many.
    const missing = [...services.values()]
      .filter((one) => one.id === id)
      .map((one) => `service/${one.service}`);
    const provides = [...(known?.provides ?? []), ...missing.toSorted()];
    const key = known ? id : nameOf(id);
    return {
      ...({ code: "service-not-named", severity: "error", environment, subject: id } as const),
      message: `${from} reads variables of the Service ${service}, which ${id} makes and the registry does not name`,
      remedy: [
        `add this to ${registryName(registry)}, so that gates and preflights wait for it:`,
        "services:",
        `  ${key}: { provides: [${provides.join(", ")}] }`,
      ].join("\n"),
      changes: [{ kind: "provide", key, provides }],
      ...(known ? { place: known.place } : {}),
    };
  });
}
