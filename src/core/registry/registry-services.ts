import { isNamespaceName, isReleaseName } from "../common/release.ts";
import { childOf, entriesOf, type YamlEntry, type YamlNode } from "../yaml/yaml-tree.ts";
import type { ProvidedEntry } from "./registry.ts";
import { invalidName, type ReportFault, textsOf } from "./registry-texts.ts";

/** Reads the map `services`: what releases provide, by `NAME` or `NAMESPACE/NAME`. */
export function readProvided(
  node: YamlNode | undefined,
  report: ReportFault,
): ReadonlyMap<string, ProvidedEntry> {
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

function checkProvider({ key, keyPlace }: YamlEntry, report: ReportFault): void {
  const slash = key.indexOf("/");
  const namespace = key.slice(0, Math.max(0, slash));
  if ((namespace === "" || isNamespaceName(namespace)) && isReleaseName(key.slice(slash + 1))) return;
  report(invalidName({ text: key, place: keyPlace }, "release", "RELEASE or NAMESPACE/RELEASE"));
}

function isProvided(text: string): boolean {
  return text.startsWith("service/") && isNamespaceName(text.slice("service/".length));
}
