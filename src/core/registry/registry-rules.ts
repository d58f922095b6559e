import { type ReleaseClass, releaseClasses } from "../common/release.ts";
import { childOf, itemsOf, textOf, type YamlNode } from "../yaml/yaml-tree.ts";
import type { Rule } from "./registry.ts";
import { type ReportFault, readGlobs } from "./registry-texts.ts";

/** Reads the list `rules`, and reports rules that cannot match or match everything. */
export function readRules(node: YamlNode | undefined, report: ReportFault): readonly Rule[] {
  return itemsOf(node).flatMap((item) => {
    const match = childOf(item, "match");
    if (match?.kind === "map" && match.entries.size === 0) reportEmptyMatch(match, report);
    const releaseClass = readClass(childOf(item, "class"));
    const rule = { match: readMatch(match, report), place: item.place };
    return releaseClass === undefined ? [] : [{ ...rule, class: releaseClass }];
  });
}

/** A class, or undefined where the text is none; the schema reports that. */
export function readClass(node: YamlNode | undefined): ReleaseClass | undefined {
  const text = textOf(node);
  return releaseClasses.find((known) => known === text);
}

function readMatch(node: YamlNode | undefined, report: ReportFault): Rule["match"] {
  const globsOf = (key: string, what: string, slash: "never" | "sometimes" = "never") =>
    readGlobs(childOf(node, key), { what, slash }, report)?.map(({ text }) => text);
  const chart = globsOf("chart", "the last part of a chart");
  const namespace = globsOf("namespace", "the name of a namespace");
  const release = globsOf("release", "the name of a release");
  const service = globsOf("service", "the name of a service", "sometimes");
  return {
    ...(chart && { chart }),
    ...(namespace && { namespace }),
    ...(release && { release }),
    ...(service && { service }),
  };
}

function reportEmptyMatch({ place }: YamlNode, report: ReportFault): void {
  report({
    severity: "error",
    code: "empty-match",
    message: "this match has no keys, so the rule would take every release",
    place,
    expected: "at least one of chart, namespace, release, service",
    remedy: 'if every release is meant, write { release: "*" }',
  });
}
