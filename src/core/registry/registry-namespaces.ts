import type { Place } from "../common/diagnostic.ts";
import { isGlob } from "../common/glob.ts";
import { isNamespaceName, isReleaseName, type ReleaseClass, releaseClasses } from "../common/release.ts";
import { childOf, entriesOf, itemsOf, textOf, type YamlEntry, type YamlNode } from "../yaml/yaml-tree.ts";
import { anyRelease, type Member, type NamespaceEntry, type Waves } from "./registry.ts";
import { orderFault } from "./registry-circle.ts";
import {
  invalidName,
  namespaceNames,
  type PlacedText,
  type ReportFault,
  readGlobs,
  releaseNames,
} from "./registry-texts.ts";

/** Reads the map `namespaces`, and reports entries that contradict each other or themselves. */
export function readNamespaces(
  node: YamlNode | undefined,
  report: ReportFault,
): ReadonlyMap<string, NamespaceEntry> {
  return new Map(entriesOf(node).map((entry) => [entry.key, readNamespace(entry, report)]));
}

function readNamespace(
  { key: namespace, keyPlace: place, node }: YamlEntry,
  report: ReportFault,
): NamespaceEntry {
  if (!isNamespaceName(namespace)) {
    report(invalidName({ text: namespace, place }, "namespace", namespaceNames));
  }
  const listed = entriesOf(node).flatMap(({ key, node: members }) => {
    const list = releaseClasses.find((known) => known === key);
    return list ? [{ list, waves: readWaves(members, { star: true, namespace }, report) }] : [];
  });
  const isNamedOnce = checkNamedOnce(namespace, listed, report);
  const classes = Object.fromEntries(listed.map(({ list, waves }) => [list, waves]));
  const written = childOf(node, "sequence");
  const sequence =
    written?.kind === "list" ? readWaves(written, { star: false, namespace }, report) : undefined;
  if (sequence) checkNamedOnce(namespace, [{ list: "sequence", waves: sequence }], report);
  const entry = { namespace, place, classes, ...(sequence && { sequence }) };
  const circle = isNamedOnce ? orderFault(entry) : undefined;
  if (circle) report(circle);
  return entry;
}

interface ReadList {
  readonly list: ReleaseClass | "sequence";
  readonly waves: Waves;
}

interface ListKind {
  /** Whether `*` may stand for the names that are not named. */
  readonly star: boolean;
  readonly namespace: string;
}

function readWaves(node: YamlNode, kind: ListKind, report: ReportFault): Waves {
  const waves = node.kind === "list" ? itemsOf(node) : [node];
  return waves
    .map((wave) => (wave.kind === "list" ? itemsOf(wave) : [wave]))
    .map((wave) => wave.flatMap((member) => readMember(member, kind, report)))
    .filter((wave) => wave.length > 0);
}

function readMember(node: YamlNode, kind: ListKind, report: ReportFault): Member[] {
  const name = node.kind === "map" ? childOf(node, "release") : node;
  const release = textOf(name);
  const environments = readGlobs(
    childOf(node, "environments"),
    { what: "the name of an environment", slash: "never" },
    report,
  );
  if (name === undefined || release === undefined || release === "") return [];
  checkMemberName({ text: release, place: name.place }, kind, report);
  const limited = environments && {
    environments: environments.map(({ text }) => text),
    environmentPlaces: environments.map(({ place }) => place),
  };
  return [{ release, place: name.place, ...limited }];
}

function checkMemberName(name: PlacedText, { star, namespace }: ListKind, report: ReportFault): void {
  if (name.text === anyRelease && star) return;
  const fault = { severity: "error", place: name.place } as const;
  if (name.text === anyRelease) {
    report({
      ...fault,
      code: "star-in-sequence",
      message: '"*" cannot stand in a sequence',
      expected: "the names of releases",
      remedy: "name the releases whose order matters; all others are free to go side by side",
    });
  } else if (isGlob(name.text)) {
    report({
      ...fault,
      code: "glob-not-allowed",
      message: `${JSON.stringify(name.text)} is a glob, and the entry of a namespace names its releases`,
      expected: 'the name of a release, or exactly "*" for every name that is not named here',
      remedy: `for a glob, write a rule: match: { namespace: ${namespace}, release: ${JSON.stringify(name.text)} }`,
    });
  } else if (!isReleaseName(name.text)) {
    report(invalidName(name, "release", releaseNames));
  }
}

/**
 * Whether each release is named once: in a class of the entry, or in its sequence. They come in the order of the file, so
 * that the second of two is the one that is reported.
 */
function checkNamedOnce(namespace: string, lists: readonly ReadList[], report: ReportFault): boolean {
  const named = new Map<string, { readonly place: Place; readonly list: ReadList["list"] }>();
  let isNamedOnce = true;
  for (const { list, waves } of lists) {
    for (const { release, place } of waves.flat()) {
      const first = named.get(release);
      if (!first) {
        named.set(release, { place, list });
        continue;
      }
      isNamedOnce = false;
      const contradicts = first.list !== list;
      const name = `${JSON.stringify(release)} of namespace ${JSON.stringify(namespace)}`;
      report({
        severity: "error",
        // Not the fault that classify.ts has this code for: there a rule contradicts the entry, which depends on the chart.
        code: contradicts ? "contradicting-class" : "duplicate-release",
        message: contradicts
          ? `${name} is both ${first.list} and ${list}`
          : `${name} is named twice ${inList(list)}`,
        place,
        expected: contradicts ? "one class for each release" : "each release once",
        remedy: "remove one of the two",
        related: [{ message: `it is named ${inList(first.list)} here`, place: first.place }],
      });
    }
  }
  return isNamedOnce;
}

function inList(list: ReadList["list"]): string {
  return list === "sequence" ? "in the sequence" : `as ${list}`;
}
