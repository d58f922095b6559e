import { chartName, nameOf, namespaceOf } from "../common/release.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { ClassifyChange } from "./registry-change.ts";

/**
 * Makes a release support: everywhere, or else in the environments where a helmfile installs it, if these are known. One
 * with a chart of MediaWiki's is MediaWiki, whatever else needs it.
 */
export function supportChanges(id: string, { environments, isWhole }: CheckFacts): ClassifyChange[] {
  const namespace = namespaceOf(id);
  const release = nameOf(id);
  const change = { kind: "classify", namespace, release, class: "support" } as const;
  const having = environments.filter(({ byId }) => byId.get(id)?.release.installed);
  if (having.length === 0 || hasChartOfMediawiki(id, environments)) return [];
  const limited = { ...change, environments: having.map(({ environment }) => environment) };
  return isWhole ? [change, limited] : [change];
}

function hasChartOfMediawiki(id: string, environments: CheckFacts["environments"]): boolean {
  const charts = environments.flatMap(({ byId }) => {
    const one = byId.get(id);
    return one ? [chartName(one.release.chart)] : [];
  });
  return environments.some(({ classification: { releases } }) =>
    releases.some(
      (one) =>
        one.class === "mediawiki" && one.release.id !== id && charts.includes(chartName(one.release.chart)),
    ),
  );
}
