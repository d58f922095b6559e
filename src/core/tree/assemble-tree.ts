import { appendTo } from "../common/grouped-by.ts";
import type { Service, Tree, UnreadableService } from "../common/release.ts";

/**
 * Puts together what was read of an environment, in the order of the services' names. A release that two services
 * list cannot be told whose it is, and either would undo what the other did: both then count as unreadable.
 */
export function assembleTree({
  environment,
  services,
  absent,
  unreadable,
}: {
  readonly environment: string;
  readonly services: readonly Service[];
  readonly absent: readonly string[];
  readonly unreadable: readonly UnreadableService[];
}): Tree {
  const disputed = disputedServices(services);
  const all = [...unreadable, ...[...disputed].map(([service, message]) => ({ service, message }))];
  return {
    environment,
    services: services
      .filter(({ name }) => !disputed.has(name))
      .sort((one, other) => (one.name < other.name ? -1 : 1)),
    absent: [...absent].sort(),
    unreadable: all.sort((one, other) => (one.service < other.service ? -1 : 1)),
  };
}

/** Services that list a release which another one lists too, with what is to be said about them. */
function disputedServices(all: readonly Service[]): Map<string, string> {
  const owners = new Map<string, string[]>();
  for (const { name, releases } of all) {
    for (const { id, namespace } of releases) {
      // Without a namespace the same name may stand for two releases: where they go, the kubeconfig says.
      if (namespace !== "") appendTo(owners, id, name);
    }
  }
  const disputed = new Map<string, string>();
  for (const [id, services] of owners) {
    for (const service of services.length > 1 ? services : []) {
      const others = services.filter((other) => other !== service).join(" and ");
      if (!disputed.has(service)) disputed.set(service, `its release ${id} is listed by ${others} too`);
    }
  }
  return disputed;
}
