import type { PodFacts } from "../cluster/cluster-reader.ts";

/** Whose pod it is, as far as is known: what it has in common with others. */
export function groupInWords({ namespace, release, owner }: PodFacts): string {
  if (release !== undefined) return `${namespace}/${release}`;
  return owner ? `${owner.kind} ${namespace}/${owner.name}` : `namespace ${namespace}`;
}

/** What evidence is about, for example `pod mw-web/main-5d8f7c9b6-x2kqp, container php`. */
export function withContainer(subject: string, container: string | undefined): string {
  return container === undefined ? subject : `${subject}, container ${container}`;
}
