import { nameOf, type ReleaseId } from "../common/release.ts";
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
