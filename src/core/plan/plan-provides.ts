import type { Classification } from "../registry/classify.ts";
import { providedBy } from "../registry/provided-services.ts";
import type { Registry } from "../registry/registry.ts";
import { deployCommand } from "./deploy-command.ts";
import type { ProvidedService, Step } from "./plan.ts";

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
