import { isNamespaceName, isReleaseName, type ReleaseClass, releaseClasses } from "../common/release.ts";
import { childOf, entriesOf, itemsOf, textOf, type YamlEntry, type YamlNode } from "../yaml/yaml-tree.ts";
import type { ProvidedEntry, Rule } from "./registry.ts";
import { invalidName, type Report, readGlobs, textsOf } from "./registry-names.ts";

/** Reads the list `rules`, and reports rules that cannot match or match everything. */
export function readRules(node: YamlNode | undefined, report: Report): readonly Rule[] {
  return itemsOf(node).flatMap((item) => {
    const match = childOf(item, "match");
    if (match?.kind === "map" && match.entries.size === 0) reportEmptyMatch(match, report);
    const releaseClass = readClass(childOf(item, "class"));
    const rule = { match: readMatch(match, report), place: item.place };
    return releaseClass === undefined ? [] : [{ ...rule, class: releaseClass }];
  });
}

/** Reads the map `services`: what releases provide, by `NAME` or `NAMESPACE/NAME`. */
export function readProvided(node: YamlNode | undefined, report: Report): ReadonlyMap<string, ProvidedEntry> {
  return new Map(
    entriesOf(node).map((entry) => {
      checkProvider(entry, report);
      const provides = textsOf(childOf(entry.node, "provides"));
      for (const service of provides) {
        if (isProvided(service.text)) continue;
        report({
          severity: "error",
          code: "invalid-service",
          message: `${JSON.stringify(service.text)} is not something that a release can provide`,
          place: service.place,
          expected: "service/NAME, where NAME is that of a Kubernetes Service",
          ...(isNamespaceName(service.text) ? { remedy: `write service/${service.text}` } : {}),
        });
      }
      return [entry.key, { provides: provides.map(({ text }) => text), place: entry.keyPlace }] as const;
    }),
  );
}

/** A class, or undefined where the text is none; the schema reports that. */
export function readClass(node: YamlNode | undefined): ReleaseClass | undefined {
  const text = textOf(node);
  return releaseClasses.find((known) => known === text);
}

function readMatch(node: YamlNode | undefined, report: Report): Rule["match"] {
  const chart = readGlobs(
    childOf(node, "chart"),
    { what: "the last part of a chart", slash: "never" },
    report,
  );
  const namespace = readGlobs(
    childOf(node, "namespace"),
    { what: "the name of a namespace", slash: "never" },
    report,
  );
  const release = readGlobs(
    childOf(node, "release"),
    { what: "the name of a release", slash: "never" },
    report,
  );
  const service = readGlobs(
    childOf(node, "service"),
    { what: "the name of a service", slash: "sometimes" },
    report,
  );
  return {
    ...(chart && { chart }),
    ...(namespace && { namespace }),
    ...(release && { release }),
    ...(service && { service }),
  };
}

function reportEmptyMatch({ place }: YamlNode, report: Report): void {
  report({
    severity: "error",
    code: "empty-match",
    message: "this match has no keys, so the rule would take every release",
    place,
    expected: "at least one of chart, namespace, release, service",
    remedy: 'if every release is meant, write { release: "*" }',
  });
}

function checkProvider({ key, keyPlace }: YamlEntry, report: Report): void {
  const slash = key.indexOf("/");
  const namespace = key.slice(0, Math.max(0, slash));
  if ((namespace === "" || isNamespaceName(namespace)) && isReleaseName(key.slice(slash + 1))) return;
  report(invalidName({ text: key, place: keyPlace }, "release", "RELEASE or NAMESPACE/RELEASE"));
}

function isProvided(text: string): boolean {
  return text.startsWith("service/") && isNamespaceName(text.slice("service/".length));
}
