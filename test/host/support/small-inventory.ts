import { join } from "node:path";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** An inventory file of services with one release each, `main` in the namespace of the service's name. */
export function inventoryOf(services: readonly string[]): string {
  const inventory = {
    version: 1,
    environment: "north",
    services: services.map((service) => ({
      service,
      helmfile: `${service}/helmfile.yaml`,
      releases: [{ name: "main", namespace: service, chart: `wmf-stable/${service}` }],
    })),
    absent: [],
    errors: [],
  };
  return join(temporaryFolder({ "inventory.json": JSON.stringify(inventory) }), "inventory.json");
}

/** An inventory file of two namespaces of MediaWiki, each with its exporter, and `toolhub`. */
export function mediawikiInventory(environment = "north"): string {
  const web = (namespace: string) => ({
    service: namespace,
    helmfile: `${namespace}/helmfile.yaml`,
    releases: [
      { name: "main", namespace, chart: "wmf-stable/mediawiki" },
      { name: "prometheus", namespace, chart: "wmf-stable/statsd-exporter" },
    ],
  });
  const toolhub = {
    service: "toolhub",
    helmfile: "toolhub/helmfile.yaml",
    releases: [{ name: "main", namespace: "toolhub", chart: "wmf-stable/toolhub" }],
  };
  const services = [web("mw-web"), web("shop"), toolhub];
  const inventory = { version: 1, environment, services, absent: [], errors: [] };
  return join(temporaryFolder({ "inventory.json": JSON.stringify(inventory) }), "inventory.json");
}
