import {
  namespaceOfService,
  type ReleaseClass,
  type ReleaseId,
  releaseClasses,
  releaseId,
  type Tree,
} from "../common/release.ts";
import { type Classification, type ClassifiedRelease, classify } from "../registry/classify.ts";
import { anyRelease, type NamespaceEntry, type Registry } from "../registry/registry.ts";

/** What a preflight knows before it looks at the cluster. */
export interface PreflightKnowledge {
  readonly environment: string;
  readonly registry: Registry;
  /** What helmfile lists, where it is known. */
  readonly listed?: {
    readonly tree: Tree;
    readonly classification: Classification;
    readonly byId: ReadonlyMap<ReleaseId, ClassifiedRelease>;
  };
}

export function gatherKnowledge(
  { environment, tree }: { readonly environment: string; readonly tree?: Tree | undefined },
  registry: Registry,
): PreflightKnowledge {
  if (!tree) return { environment, registry };
  const classification = classify(tree, registry);
  const byId = new Map(classification.releases.map((one) => [one.release.id, one]));
  return { environment, registry, listed: { tree, classification, byId } };
}

/** `support` or `other` where that is known of a release; anything else in a preflight is taken for MediaWiki. */
export function classBesideMediawiki(
  namespace: string,
  release: string,
  { registry, listed }: PreflightKnowledge,
): Exclude<ReleaseClass, "mediawiki"> | undefined {
  const known = listed?.byId.get(releaseId(namespace, release))?.class;
  const found = known ?? classByEntry(registry.namespaces.get(namespace), release);
  return found === "support" || found === "other" ? found : undefined;
}

function classByEntry(entry: NamespaceEntry | undefined, release: string): ReleaseClass | undefined {
  const naming = (name: string) =>
    releaseClasses.find((one) => entry?.classes[one]?.flat().some((member) => member.release === name));
  return release === anyRelease ? "mediawiki" : (naming(release) ?? naming(anyRelease));
}

/** Why the tree knows nothing of a namespace: its service, which is named after it, could not be read. */
export function unreadableService(namespace: string, { listed }: PreflightKnowledge): string | undefined {
  return listed?.tree.unreadable.find(({ service }) => namespaceOfService(service) === namespace)?.message;
}
