import { type Diagnostic, type Place, renderPlace } from "../common/diagnostic.ts";
import { matchesAny } from "../common/glob.ts";
import { chartName, type Release, type ReleaseClass, releaseClasses, type Tree } from "../common/release.ts";
import { anyRelease, type Member, type NamespaceEntry, type Registry, type Rule } from "./registry.ts";
import { linesToWrite } from "./registry-advice.ts";

/** A release with its class, and what decided it. */
export interface ClassifiedRelease {
  readonly release: Release;
  /** `unclassified`: a release of a MediaWiki namespace that nothing classifies, or that two lines contradict. */
  readonly class: ReleaseClass | "unclassified";
  readonly reason: {
    readonly text: string;
    /** The line of the registry that decided; absent where no line did. */
    readonly place?: Place;
  };
  /** Set where the class is `unclassified`: what is wrong and what to do. */
  readonly fault?: Diagnostic;
}

/** Every release of an environment with its class. */
export interface Classification {
  readonly environment: string;
  /** In the tree's order. */
  readonly releases: readonly ClassifiedRelease[];
  /** Namespaces that the registry names as MediaWiki's, or that hold a MediaWiki release. */
  readonly mediawikiNamespaces: ReadonlySet<string>;
}

/**
 * Gives every release of the tree exactly one class, with its reason. The answer does not depend on the order
 * of the tree. A release of a MediaWiki namespace that nothing classifies stays `unclassified`: a guess of
 * `other` would roll MediaWiki out in parallel.
 *
 * @example
 * const { releases } = classify(tree, registry);
 * const support = releases.filter((release) => release.class === "support");
 */
export function classify(tree: Tree, registry: Registry): Classification {
  const entries = new Map([...registry.namespaces.values()].map((entry) => [entry.namespace, index(entry)]));
  const releases = tree.services.flatMap((service) => service.releases);
  const rulings = releases.map((release) => decide(release, entries.get(release.namespace), registry.rules));

  const mediawikiNamespaces = new Set<string>();
  for (const entry of registry.namespaces.values()) {
    if (entry.classes.mediawiki) mediawikiNamespaces.add(entry.namespace);
  }
  rulings.forEach((ruling, at) => {
    const release = releases[at];
    // A release without a namespace is in the namespace of its kubeconfig, which nothing here knows.
    if (release && isMediawiki(ruling) && release.namespace !== "")
      mediawikiNamespaces.add(release.namespace);
  });

  return {
    environment: tree.environment,
    releases: releases.map((release, at) =>
      conclude(release, rulings[at], { registry, mediawikiNamespaces }),
    ),
    mediawikiNamespaces,
  };
}

type Ruling =
  | { readonly kind: "decided"; readonly class: ReleaseClass; readonly text: string; readonly place: Place }
  | { readonly kind: "contradiction"; readonly entry: Named; readonly rule: Rule }
  | undefined;

interface Named {
  readonly class: ReleaseClass;
  readonly member: Member;
}

interface IndexedEntry {
  readonly named: ReadonlyMap<string, Named>;
  readonly any: Named | undefined;
  readonly namespace: string;
}

function index(entry: NamespaceEntry): IndexedEntry {
  const named = new Map<string, Named>();
  let any: Named | undefined;
  for (const releaseClass of releaseClasses) {
    for (const member of entry.classes[releaseClass]?.flat() ?? []) {
      if (member.release === anyRelease) any = { class: releaseClass, member };
      else named.set(member.release, { class: releaseClass, member });
    }
  }
  return { named, any, namespace: entry.namespace };
}

function decide(release: Release, entry: IndexedEntry | undefined, rules: readonly Rule[]): Ruling {
  const chart = chartName(release.chart);
  const matching = rules.filter((rule) => matchesRule(rule, release, chart));
  const named = entry?.named.get(release.name) ?? entry?.any;
  if (named && entry) {
    const chartRule = matching.find((rule) => rule.match.chart !== undefined);
    if (chartRule && chartRule.class !== named.class) {
      return { kind: "contradiction", entry: named, rule: chartRule };
    }
    const how = named.member.release === anyRelease ? 'is "*"' : "names it";
    const text = `namespaces.${entry.namespace}.${named.class} ${how}`;
    return { kind: "decided", class: named.class, text, place: named.member.place };
  }
  const rule = matching[0];
  if (!rule) return undefined;
  return { kind: "decided", class: rule.class, text: `rule with ${describeMatch(rule)}`, place: rule.place };
}

/** Whether all keys of the rule hold for the release. */
export function matchesRule({ match }: Rule, release: Release, chart = chartName(release.chart)): boolean {
  const { namespace, release: name, service } = match;
  return (
    (match.chart === undefined || matchesAny(match.chart, chart)) &&
    (namespace === undefined || matchesAny(namespace, release.namespace)) &&
    (name === undefined || matchesAny(name, release.name)) &&
    (service === undefined || matchesAny(service, release.service))
  );
}

function describeMatch(rule: Rule): string {
  return Object.entries(rule.match)
    .map(([key, globs]) => `${key} ${globs.join(" or ")}`)
    .join(" and ");
}

function isMediawiki(ruling: Ruling): boolean {
  if (ruling?.kind === "contradiction") {
    return ruling.entry.class === "mediawiki" || ruling.rule.class === "mediawiki";
  }
  return ruling?.class === "mediawiki";
}

function conclude(
  release: Release,
  ruling: Ruling,
  context: { registry: Registry; mediawikiNamespaces: ReadonlySet<string> },
): ClassifiedRelease {
  if (ruling?.kind === "decided") {
    const { text, place } = ruling;
    return { release, class: ruling.class, reason: { text: `${text} (${renderPlace(place)})`, place } };
  }
  if (ruling?.kind === "contradiction") return contradicted(release, ruling.entry, ruling.rule);
  if (context.mediawikiNamespaces.has(release.namespace)) return unclassified(release, context.registry);
  return {
    release,
    class: "other",
    reason: { text: "no line of the registry names it, nor MediaWiki in its namespace" },
  };
}

function contradicted(release: Release, entry: Named, rule: Rule): ClassifiedRelease {
  const { id } = release;
  const fault: Diagnostic = {
    severity: "error",
    // An entry that contradicts itself has this code, too: that is a fault of the file, without any tree.
    code: "contradicting-class",
    message: `${id} is ${entry.class} by its namespace's entry, and ${rule.class} by the rule for its chart (${chartName(release.chart)})`,
    place: entry.member.place,
    expected: `${rule.class}, as the rule has it, or no such rule`,
    related: [{ message: `this rule says ${rule.class}`, place: rule.place }],
    remedy: `move ${release.name} to "${rule.class}:", or put a rule for this namespace before the one shown`,
  };
  const text = `the entry says ${entry.class} (${renderPlace(entry.member.place)}), the rule for its chart ${rule.class} (${renderPlace(rule.place)})`;
  return { release, class: "unclassified", reason: { text, place: entry.member.place }, fault };
}

/** A warning, as `list` shows it; refusals of a plan and the verb `check` make it an error. */
function unclassified(release: Release, registry: Registry): ClassifiedRelease {
  const entry = registry.namespaces.get(release.namespace);
  const fault: Diagnostic = {
    severity: "warning",
    code: "unclassified-release",
    message: `${release.id} (chart ${release.chart}) is in a MediaWiki namespace, and nothing in the registry says what it is`,
    ...(entry ? { place: entry.place } : {}),
    expected: "an entry in its namespace, or a rule that matches it",
    remedy: linesToAdd(release, registry),
  };
  return {
    release,
    class: "unclassified",
    reason: { text: "its namespace holds MediaWiki, and no line of the registry says what it is" },
    fault,
  };
}

function linesToAdd({ namespace, name: release }: Release, registry: Registry): string {
  const lines = [
    { class: "support", release, comment: "MediaWiki needs it first" },
    { class: "mediawiki", release, comment: "scap deploys it" },
    { class: "other", release, comment: "neither" },
  ] as const;
  return linesToWrite(namespace, lines, registry);
}
