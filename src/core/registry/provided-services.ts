import type { ReleaseId } from "../common/release.ts";
import { deployCommand } from "../plan/deploy-command.ts";
import type { ProvidedService, Step } from "../plan/plan.ts";
import type { Classification } from "./classify.ts";
import type { Registry } from "./registry.ts";

/** The names of the Services that a release provides, by the registry: `NAMESPACE/NAME` beats `NAME`. */
export function servicesOf(id: ReleaseId, { services }: Pick<Registry, "services">): readonly string[] {
  const entry = services.get(id) ?? services.get(id.slice(id.indexOf("/") + 1));
  return (entry?.provides ?? []).map((provided) => provided.slice("service/".length));
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
      return servicesOf(release.id, registry).map((service) => ({
        namespace: release.namespace,
        service,
        release: release.id,
        ...(step === undefined ? {} : { step }),
        deployedBy: deployCommand(release.service, environment),
      }));
    });
}
