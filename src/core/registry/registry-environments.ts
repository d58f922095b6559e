import type { Diagnostic } from "../common/diagnostic.ts";
import { isGlob } from "../common/glob.ts";
import { groupedBy } from "../common/grouped-by.ts";
import { oneTypoAway } from "../common/one-typo.ts";
import {
  allMembersOf,
  environmentsOf,
  listsOf,
  type Member,
  type NamespaceEntry,
  type Registry,
} from "./registry.ts";
import type { PlacedText } from "./registry-texts.ts";

const mostEnvironments = 200;

/** Warns of environments that are probably not meant as they are written. */
export function environmentWarnings({ namespaces }: Pick<Registry, "namespaces">): Diagnostic[] {
  return [...misspelledOnes(namespaces), ...[...namespaces.values()].flatMap(limitsOfNothing)];
}

/**
 * Those that are probably misspelled: named once, and one typo away from one that is named more often. What is limited to
 * such a one would be required nowhere, and nothing else would say so.
 */
function misspelledOnes(namespaces: Registry["namespaces"]): Diagnostic[] {
  const named = [...namespaces.values()]
    .flatMap(allMembersOf)
    .flatMap(environmentsOf)
    .filter(({ text }) => !isGlob(text));
  const byName = groupedBy(named, ({ text }) => text);
  // Nobody has so many environments, and each is compared with each.
  if (byName.size > mostEnvironments) return [];
  const often = [...byName].filter(([, places]) => places.length > 1).map(([name]) => name);
  return [...byName.values()].flatMap(([one, ...others]) => {
    const meant = one && others.length === 0 ? oneTypoAway(one.text, often) : undefined;
    const [first] = byName.get(meant ?? "") ?? [];
    return one && first ? [misspelled(one, first)] : [];
  });
}

function misspelled({ text, place }: PlacedText, meant: PlacedText): Diagnostic {
  return {
    severity: "warning",
    code: "misspelled-environment",
    message: `the environment ${JSON.stringify(text)} is named nowhere else`,
    place,
    remedy: `did you mean ${meant.text}?`,
    related: [{ message: `${meant.text} is named here, and elsewhere`, place: meant.place }],
  };
}

/**
 * Members whose environments nothing asks for. It is no error: the order is the one that is written, and a restore that only
 * waits for more than it would have to must not be refused.
 */
function limitsOfNothing(entry: NamespaceEntry): Diagnostic[] {
  return listsOf(entry)
    .filter(([list]) => list === "other" || list === "sequence")
    .flatMap(([list, members]) =>
      members.flatMap((member) => limitOfNothing(member, `namespaces.${entry.namespace}.${list}`)),
    );
}

function limitOfNothing(member: Member, list: string): Diagnostic[] {
  const [first] = environmentsOf(member);
  if (!first) return [];
  return [
    {
      severity: "warning",
      code: "environments-ignored",
      message: `the environments of ${JSON.stringify(member.release)} limit nothing in ${list}: its order is the same in every environment`,
      place: first.place,
      expected: "environments in support or mediawiki only, where they say where a release is required",
      remedy: "write only its name: what is not installed in an environment is not waited for there",
    },
  ];
}
