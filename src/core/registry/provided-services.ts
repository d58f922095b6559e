import { nameOf, type ReleaseId } from "../common/release.ts";
import { deployCommand } from "../plan/deploy-command.ts";
import type { ProvidedService, Step } from "../plan/plan.ts";
import type { Classification } from "./classify.ts";
import type { ProvidedEntry, Registry } from "./registry.ts";

/** The names of the Kubernetes Services that a release provides, by the registry. */
export function providedBy(id: ReleaseId, registry: Pick<Registry, "services">): readonly string[] {
  return (providedEntry(id, registry)?.provides ?? []).map((provided) => provided.slice("service/".length));
}

/** What the registry says that a release provides: `NAMESPACE/NAME` beats `NAME`. */
export function providedEntry(
  id: ReleaseId,
  { services }: Pick<Registry, "services">,
): ProvidedEntry | undefined {
  return services.get(id) ?? services.get(nameOf(id));
}

/** Every Service that a support release of this environment brings, whether this rollout deploys it or not. */
export function providedServices(
  { environment, releases }: Classification,
  { registry, steps }: { readonly registry: Registry; readonly steps: readonly Step[] },
): ProvidedService[] {
  const stepOf = new Map(steps.flatMap((step) => step.releases.map((id) => [id, step.id] as const)));
  return releases
    .filter((one) => one.class === "support" && one.release.installed)
    .flatMap(({ release }) => {
      const step = stepOf.get(release.id);
      return providedBy(release.id, registry).map((service) => ({
        namespace: release.namespace,
        service,
        release: release.id,
        ...(step === undefined ? {} : { step }),
        deployedBy: deployCommand(release.service, environment),
      }));
    });
}
