import type { CheckFacts } from "./check-facts.ts";
import type { RegistryChange } from "./registry-change.ts";
import { namespaceOf } from "./release.ts";

type Classify = Extract<RegistryChange, { kind: "classify" }>;

/** Makes a release support: everywhere, or else in the environments where a helmfile installs it. */
export function supportChanges(id: string, environments: CheckFacts["environments"]): Classify[] {
  const namespace = namespaceOf(id);
  const release = id.slice(namespace.length + 1);
  const change = { kind: "classify", namespace, release, class: "support" } as const;
  const having = environments
    .filter(({ byId }) => byId.get(id)?.release.installed)
    .map(({ environment }) => environment);
  return having.length === 0 ? [] : [change, { ...change, environments: having }];
}
