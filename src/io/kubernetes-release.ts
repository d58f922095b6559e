import * as z from "../core/common/zod.ts";
import { words } from "./kubernetes-json.ts";

/** The labels that say which release an object belongs to. */
export const releaseLabels = z.object({
  release: z.optional(words),
  "app.kubernetes.io/instance": z.optional(words),
});

/** What helm writes on all that it makes. */
export const releaseAnnotations = z.object({
  "meta.helm.sh/release-name": z.optional(words),
  "meta.helm.sh/release-namespace": z.optional(words),
});

/** The release that an object belongs to, as charts say it: Wikimedia's, else Kubernetes' own way. */
export function releaseByLabels(labels: z.output<typeof releaseLabels>): string | undefined {
  return labels.release ?? labels["app.kubernetes.io/instance"];
}

/** helm writes on what it makes which release made it; a release of another namespace is none of this one. */
export function releaseOf({
  namespace,
  labels,
  annotations,
}: {
  readonly namespace: string;
  readonly labels?: z.output<typeof releaseLabels> | null | undefined;
  readonly annotations?: z.output<typeof releaseAnnotations> | null | undefined;
}): string | undefined {
  const name = annotations?.["meta.helm.sh/release-name"];
  if (name === undefined) return releaseByLabels(labels ?? {});
  const home = annotations?.["meta.helm.sh/release-namespace"] ?? namespace;
  return home === namespace ? name : undefined;
}
