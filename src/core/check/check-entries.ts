import type { Place } from "../common/diagnostic.ts";
import { matchesAny } from "../common/glob.ts";
import { nearest } from "../common/nearest.ts";
import type { Release, Tree } from "../common/release.ts";
import { matchesRule } from "../registry/classify.ts";
import {
  anyRelease,
  environmentsOf,
  listsOf,
  type NamespaceEntry,
  placedGlobs,
  type Registry,
} from "../registry/registry.ts";
import type { PlacedText } from "../registry/registry-texts.ts";
import { probablyMeant } from "../registry/required-support.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";
import { isNowhereMissed } from "./missed-support.ts";
import type { RegistryChange } from "./registry-change.ts";

/**
 * Entries of the registry that match nothing that was read. `"*"` may always stand for nothing. Where not every
 * environment was read, it is only a hint; and who asks about a few services asks nothing about the others.
 */
export function checkEntries(facts: CheckFacts): Found[] {
  const { registry, environments, question, isWhole } = facts;
  if (question.selection && question.selection.service.length > 0) return [];
  const trees = environments.map(({ tree }) => tree);
  const world = worldOf(trees);
  const where = trees.map(({ environment }) => environment).toSorted();
  return unusedEntries(registry, world).map((unused) => {
    const { subject, place, known = [], name, typoOf } = unused;
    const guess = typoOf ?? (name === undefined ? undefined : nearest(name, known));
    const isSure = question.allEnvironments || typoOf !== undefined;
    return {
      changes: isWhole && unused.isForPeople !== true ? entryChanges(unused, guess, facts) : [],
      code: "unused-entry",
      severity: isSure ? "warning" : "hint",
      subject,
      message: `${subject} matches nothing in ${where.join(", ") || "any environment"}`,
      remedy: isSure
        ? guess === undefined
          ? "remove it, or correct the name"
          : `did you mean ${guess}?`
        : "another environment may have it: leave out -e and --inventory to be sure",
      place,
    };
  });
}

/** Nothing goes that is safer where it is, and needs somebody who knows. */
function entryChanges(
  { place, name, support, isKept }: Unused,
  guess: string | undefined,
  facts: CheckFacts,
): RegistryChange[] {
  if (name === undefined) return isKept ? [] : [{ kind: "remove-rule", place }];
  const rename = guess === undefined ? [] : [{ kind: "rename", name, place, to: guess } as const];
  const stays = isKept === true || (support !== undefined && !isNowhereMissed(support, facts));
  return stays ? rename : [...rename, { kind: "remove", name, place }];
}

interface World {
  readonly releases: readonly Release[];
  /** Sorted. */
  readonly namespaces: readonly string[];
  /** The names of releases, sorted, by namespace. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  readonly services: ReadonlySet<string>;
  /** Sorted. */
  readonly environments: readonly string[];
  readonly unreadable: ReadonlySet<string>;
  /** Services of which some environment lists nothing. */
  readonly absent: ReadonlySet<string>;
}

function worldOf(trees: readonly Tree[]): World {
  const releases = trees.flatMap(({ services }) => services.flatMap((service) => service.releases));
  const names = new Map<string, Set<string>>();
  for (const { namespace, name } of releases) {
    const known = names.get(namespace);
    if (known) known.add(name);
    else names.set(namespace, new Set([name]));
  }
  const unreadable = new Set(trees.flatMap((tree) => tree.unreadable.map(({ service }) => service)));
  return {
    ...{ releases, unreadable },
    environments: trees.map(({ environment }) => environment).toSorted(),
    namespaces: [...names.keys()].toSorted(),
    names: new Map([...names].map(([namespace, own]) => [namespace, [...own].toSorted()])),
    services: new Set([...trees.flatMap((tree) => tree.services.map(({ name }) => name)), ...unreadable]),
    absent: new Set(trees.flatMap((tree) => tree.absent)),
  };
}

interface Unused {
  readonly subject: string;
  readonly place: Place;
  /** What it may have meant, sorted, and the name that was not found. */
  readonly known?: readonly string[];
  readonly name?: string;
  /** What it is most probably meant to be: nothing else names this, so that no other environment must be asked. */
  readonly typoOf?: string;
  /** The id of a release that MediaWiki waits for. */
  readonly support?: string;
  /** Without it a stage would take more than it does, or what is yet to come, or has its name at run time, be other. */
  readonly isKept?: boolean;
  /** No change of it is proposed. */
  readonly isForPeople?: boolean;
}

function unusedEntries(registry: Registry, world: World): Unused[] {
  return [
    ...registry.rules
      .map((rule, at) => ({ rule, subject: `rules[${at}]` }))
      .filter(({ rule }) => !world.releases.some((release) => matchesRule(rule, release)))
      .map(({ rule, subject }) => ({ subject, place: rule.place, isKept: rule.class === "mediawiki" })),
    ...[...registry.namespaces.values()].flatMap((entry) => unusedOfNamespace(entry, world)),
    ...[...registry.namespaces.values()].flatMap((entry) => misspelledEnvironments(entry, world)),
    ...unusedServices(registry, world),
    ...unusedOfStages(registry, world),
  ];
}

function unusedOfNamespace(entry: NamespaceEntry, world: World): Unused[] {
  const { namespace, place, classes } = entry;
  if (world.unreadable.has(namespace)) return [];
  const subject = `namespaces.${namespace}`;
  const names = world.names.get(namespace);
  if (!names) {
    const isKept = Object.values(classes).some((waves) =>
      waves.flat().some(({ release }) => release === anyRelease),
    );
    // Its releases may have no names until they are deployed.
    if (isKept && (world.services.has(namespace) || world.absent.has(namespace))) return [];
    return [{ subject, place, name: namespace, known: world.namespaces, isKept }];
  }
  return listsOf(entry).flatMap(([list, members]) =>
    members
      .filter(({ release }) => release !== anyRelease && !names.includes(release))
      .map(({ release, place: at }) => {
        const typoOf = probablyMeant(release, names, entry);
        return {
          ...{ subject: `${subject}.${list}: ${release}`, place: at, name: release, known: names },
          ...(typoOf === undefined ? {} : { typoOf }),
          ...(list === "support" ? { support: `${namespace}/${release}` } : {}),
        };
      }),
  );
}

/**
 * An environment that is only misspelled: what is limited to it is required nowhere, and nothing else would say so.
 * One that is like none of those that were read may be one that a check leaves out.
 */
function misspelledEnvironments(entry: NamespaceEntry, { environments }: World): Unused[] {
  return listsOf(entry).flatMap(([list, members]) =>
    members.flatMap((member) =>
      environmentsOf(member)
        .filter(({ text }) => !environments.some((name) => matchesAny([text], name)))
        .filter(({ text }) => nearest(text, environments) !== undefined)
        .map(({ text, place }) => ({
          subject: `namespaces.${entry.namespace}.${list}: ${member.release} in ${text}`,
          place,
          ...{ name: text, known: environments, isForPeople: true },
        })),
    ),
  );
}

function unusedServices({ services }: Registry, { releases }: World): Unused[] {
  const names = new Set<string>(releases.flatMap(({ name, id }) => [name, id]));
  const known = [...names].toSorted();
  return [...services]
    .filter(([key]) => !names.has(key))
    .map(([key, { place }]) => ({ subject: `services.${key}`, place, name: key, known }));
}

function unusedOfStages({ stages }: Registry, { releases, services }: World): Unused[] {
  const ids = [...new Set<string>(releases.map(({ id }) => id))].toSorted();
  const names = [...services].toSorted();
  return stages.flatMap((stage) => {
    const unused = (globs: readonly PlacedText[], known: readonly string[]) =>
      globs
        .filter(({ text }) => !known.some((name) => matchesAny([text], name)))
        .map(({ text, place }) => ({
          subject: `stages.${stage.name}: ${text}`,
          place,
          name: text,
          known,
          // A stage without the key takes whatever its other keys match.
          isKept: globs.length === 1,
        }));
    const holder = stage.place;
    const ofReleases = placedGlobs({ globs: stage.releases, places: stage.releasePlaces, holder });
    const ofServices = placedGlobs({ globs: stage.services, places: stage.servicePlaces, holder });
    return [...unused(ofReleases, ids), ...unused(ofServices, names)];
  });
}
