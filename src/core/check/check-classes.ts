import type { Place } from "../common/diagnostic.ts";
import { nearest } from "../common/nearest.ts";
import { nameOf, namespaceOf, type Release } from "../common/release.ts";
import { parseDeployments } from "../preflight/mediawiki-deployments.ts";
import { type ClassifiedRelease, matchesRule } from "../registry/classify.ts";
import { anyRelease } from "../registry/registry.ts";
import { sortedBy } from "../tree/sorted-by.ts";
import type { CheckFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";
import type { RegistryChange } from "./registry-change.ts";
import { supportChanges } from "./registry-support-changes.ts";

/** Releases that have no class, or that two lines contradict; and those whose class is not the same everywhere. */
export function checkClasses(facts: CheckFacts): Found[] {
  const { environments } = facts;
  return [
    ...environments.flatMap(({ environment, installed }) =>
      installed.flatMap((one) => unclassified(one, environment, facts)),
    ),
    ...differing(environments),
  ];
}

function unclassified(
  { release, fault }: ClassifiedRelease,
  environment: string,
  facts: CheckFacts,
): Found[] {
  if (!fault) return [];
  const { code, message, remedy, place } = fault;
  return [
    {
      ...{ code, severity: "error", environment, subject: release.id, message },
      ...(remedy === undefined ? {} : { remedy }),
      ...(place ? { place } : {}),
      changes: code === "unclassified-release" ? classChanges(release, facts) : ruleChanges(release, facts),
    },
  ];
}

/**
 * Never a guess: only where the entry has nearly its name for something that no helmfile lists, where MediaWiki is seen to
 * need it, or where the deploying tool's own list names it.
 */
function classChanges(release: Release, facts: CheckFacts): RegistryChange[] {
  return [...misspelled(release, facts), ...evidentChanges(release, facts)];
}

function misspelled({ namespace, name }: Release, facts: CheckFacts): RegistryChange[] {
  const { environments, registry, question } = facts;
  const unread = new Set(environments.flatMap(({ tree }) => tree.unreadable.map(({ service }) => service)));
  // What is not listed here may be listed there. Mostly a service is called as its namespace.
  if (!question.allEnvironments || unread.has(namespace)) return [];
  const listed = new Set<string>(environments.flatMap(({ byId }) => [...byId.keys()]));
  const entry = registry.namespaces.get(namespace);
  if (!entry) {
    const namespaces = new Set([...listed].map(namespaceOf));
    const unused = [...registry.namespaces.values()].filter(
      (one) => !namespaces.has(one.namespace) && !unread.has(one.namespace),
    );
    return renameNearest(
      namespace,
      unused.map((one) => ({ name: one.namespace, place: one.place })),
    );
  }
  const members = Object.values(entry.classes).flat(2);
  const unlisted = members.filter(
    ({ release }) => release !== anyRelease && !listed.has(`${namespace}/${release}`),
  );
  return renameNearest(
    name,
    unlisted.map(({ release, place }) => ({ name: release, place })),
  );
}

function renameNearest(
  to: string,
  unused: readonly { readonly name: string; readonly place: Place }[],
): RegistryChange[] {
  const meant = nearest(to, unused.map(({ name }) => name).toSorted());
  const found = unused.find(({ name }) => name === meant);
  return found ? [{ kind: "rename", ...found, to }] : [];
}

function evidentChanges(release: Release, facts: CheckFacts): RegistryChange[] {
  const { environments, question } = facts;
  const { id, namespace, name } = release;
  const isNeeded = environments.some(({ rendered, byId }) =>
    (rendered?.derived.edges ?? []).some(
      ({ from, to, soft }) => to === id && !soft && byId.get(from)?.class === "mediawiki",
    ),
  );
  const isDeployedByScap = environments.some(({ environment }) => {
    const read = question.deployments && parseDeployments(question.deployments, environment);
    return read?.ok && read.value.targets.some((one) => one.namespace === namespace && one.release === name);
  });
  // Both at once is for people to sort out.
  if (isNeeded === isDeployedByScap) return [];
  if (isNeeded) return supportChanges(id, facts);
  return [{ kind: "classify", namespace, release: name, class: "mediawiki" }];
}

/** The chart is the better evidence of what a release is, unless somebody wrote down that it is MediaWiki or support. */
function ruleChanges(release: Release, { registry }: CheckFacts): RegistryChange[] {
  const { mediawiki = [], support = [] } = registry.namespaces.get(release.namespace)?.classes ?? {};
  if ([mediawiki, support].flat(2).some((member) => member.release === release.name)) return [];
  const rule = registry.rules.find((one) => one.match.chart !== undefined && matchesRule(one, release));
  const { namespace, name } = release;
  return rule ? [{ kind: "classify", namespace, release: name, class: rule.class }] : [];
}

function differing(environments: CheckFacts["environments"]): Found[] {
  const classesOf = new Map<string, Map<string, { environments: string[]; one: ClassifiedRelease }>>();
  for (const { environment, installed } of environments) {
    for (const one of installed.filter(({ fault }) => !fault)) {
      const known = classesOf.get(one.release.id) ?? new Map();
      const before = known.get(one.class)?.environments ?? [];
      known.set(one.class, { environments: [...before, environment].toSorted(), one });
      classesOf.set(one.release.id, known);
    }
  }
  return [...classesOf]
    .filter(([, classes]) => classes.size > 1)
    .map(([id, classes]): Found => {
      const inOrder = sortedBy([...classes], ([name]) => name);
      const told = inOrder.map(
        ([name, { environments: where, one }]) =>
          `${name} in ${where.join(", ")} (chart ${one.release.chart})`,
      );
      const place = inOrder.flatMap(([, { one }]) => one.reason.place ?? [])[0];
      return {
        ...{ code: "class-differs", severity: "warning", subject: id },
        message: `${id} is ${told.join(", and ")}`,
        remedy: `name ${nameOf(id)} in the entry of its namespace, or give it one chart everywhere`,
        ...(place ? { place } : {}),
      };
    });
}
