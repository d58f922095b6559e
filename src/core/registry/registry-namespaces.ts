import { isGlob } from "../common/glob.ts";
import { isNamespaceName, isReleaseName, type ReleaseClass, releaseClasses } from "../common/release.ts";
import { childOf, entriesOf, itemsOf, textOf, type YamlEntry, type YamlNode } from "../yaml/yaml-tree.ts";
import { anyRelease, type Member, type NamespaceEntry, type Sequence } from "./registry.ts";
import { orderFault } from "./registry-circle.ts";
import {
  invalidName,
  namespaceNames,
  type PlacedText,
  type ReportFault,
  readGlobs,
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
    const releaseClass = releaseClasses.find((known) => known === key);
    return releaseClass
      ? [{ releaseClass, sequence: readSequence(members, { star: true, namespace }, report) }]
      : [];
  });
  const isNamedOnce = checkNamedOnce(namespace, listed, report);
  const classes = Object.fromEntries(listed.map(({ releaseClass, sequence }) => [releaseClass, sequence]));
  const written = childOf(node, "sequence");
  const sequence =
    written?.kind === "list" ? readSequence(written, { star: false, namespace }, report) : undefined;
  if (sequence) checkSequenceOnce(namespace, sequence, report);
  const entry = { namespace, place, classes, ...(sequence && { sequence }) };
  const circle = isNamedOnce ? orderFault(entry) : undefined;
  if (circle) report(circle);
  return entry;
}

const releaseNames = 'at most 53 lower-case letters, digits, "-" and ".", a letter or digit first and last';

interface ListedClass {
  readonly releaseClass: ReleaseClass;
  readonly sequence: Sequence;
}

interface ListKind {
  /** Whether `*` may stand for the names that are not named. */
  readonly star: boolean;
  readonly namespace: string;
}

function readSequence(node: YamlNode, kind: ListKind, report: ReportFault): Sequence {
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

/** In the order of the file, so that the second of two is the one that is reported. */
function checkNamedOnce(namespace: string, listed: readonly ListedClass[], report: ReportFault): boolean {
  const named = new Map<string, { readonly member: Member; readonly releaseClass: ReleaseClass }>();
  let isNamedOnce = true;
  const inNamespace = `of namespace ${JSON.stringify(namespace)}`;
  for (const { releaseClass, sequence } of listed) {
    for (const member of sequence.flat()) {
      const first = named.get(member.release);
      if (!first) {
        named.set(member.release, { member, releaseClass });
        continue;
      }
      isNamedOnce = false;
      const contradicts = first.releaseClass !== releaseClass;
      const name = JSON.stringify(member.release);
      report({
        severity: "error",
        code: contradicts ? "contradicting-class" : "duplicate-release",
        message: contradicts
          ? `${name} ${inNamespace} is both ${first.releaseClass} and ${releaseClass}`
          : `${name} ${inNamespace} is named twice as ${releaseClass}`,
        place: member.place,
        expected: contradicts ? "one class for each release" : "each release once",
        remedy: "remove one of the two",
        related: [{ message: `it is named as ${first.releaseClass} here`, place: first.member.place }],
      });
    }
  }
  return isNamedOnce;
}

function checkSequenceOnce(namespace: string, sequence: Sequence, report: ReportFault): void {
  const named = new Map<string, Member>();
  for (const member of sequence.flat()) {
    const first = named.get(member.release);
    if (!first) {
      named.set(member.release, member);
      continue;
    }
    report({
      severity: "error",
      code: "duplicate-release",
      message: `${JSON.stringify(member.release)} stands twice in the sequence of namespace ${JSON.stringify(namespace)}`,
      place: member.place,
      expected: "each release once",
      remedy: "remove one of the two",
      related: [{ message: "it stands here first", place: first.place }],
    });
  }
}
