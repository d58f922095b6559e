import { type Deployments, parseDeployments } from "../preflight/mediawiki-deployments.ts";
import { anyRelease, membersOf, type Registry } from "../registry/registry.ts";
import type { CheckFacts, EnvironmentFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";

/** Whether scap's own list and the registry call the same releases MediaWiki. A list that is no list is no finding. */
export function checkDeployments({ environments, registry, question, isAsked }: CheckFacts): Found[] {
  const { deployments } = question;
  if (!deployments) return [];
  return environments.flatMap((facts) => {
    const read = parseDeployments(deployments, facts.environment);
    if (read.ok)
      return [
        ...onlyScap(read.value, facts, { registry, isAsked }),
        ...onlyRegistry(read.value, facts, deployments.file),
      ];
    return read.failure.some(({ code }) => code === "nothing-here")
      ? nothingHere(facts, deployments.file)
      : [];
  });
}

function onlyScap(
  { targets }: Deployments,
  { environment, byId, tree }: EnvironmentFacts,
  { registry, isAsked }: Pick<CheckFacts, "registry" | "isAsked">,
): Found[] {
  return targets.flatMap(({ namespace, release: name }): Found[] => {
    const id = `${namespace}/${name}`;
    const known = byId.get(id);
    const isLeftOut = known ? !isAsked(known.release.service) : !asksForNamespace(namespace, tree, isAsked);
    if (isLeftOut || (known ? known.class === "mediawiki" : isNamed(namespace, name, registry))) return [];
    const place = known?.reason.place ?? registry.namespaces.get(namespace)?.place;
    const what = known ? `the registry says it is ${known.class}` : "neither registry nor helmfiles know it";
    return [
      {
        ...{ code: "only-in-deployments", severity: "error", environment, subject: id },
        message: `scap deploys ${id}, and ${what}`,
        remedy: `name ${name} under "mediawiki:" in the entry of ${namespace}, or have scap leave it alone`,
        ...(place ? { place } : {}),
        ...(known ? { changes: [{ kind: "classify", namespace, release: name, class: "mediawiki" }] } : {}),
      },
    ];
  });
}

function asksForNamespace(
  namespace: string,
  { services }: EnvironmentFacts["tree"],
  isAsked: CheckFacts["isAsked"],
): boolean {
  const having = services.filter(({ releases }) => releases.some((one) => one.namespace === namespace));
  return having.length > 0 ? having.some(({ name }) => isAsked(name)) : isAsked(namespace);
}

/** One that no helmfile lists may still be MediaWiki's: by its name, or by `"*"`. */
function isNamed(namespace: string, name: string, registry: Registry): boolean {
  const members = membersOf(namespace, "mediawiki", registry);
  return members.some(({ release }) => release === name || release === anyRelease);
}

function onlyRegistry({ targets, skipped }: Deployments, facts: EnvironmentFacts, file: string): Found[] {
  const deployed = new Set(targets.map(({ namespace, release }) => `${namespace}/${release}`));
  const reasons = new Map(
    skipped.map(({ namespace, release, reason }) => [`${namespace}/${release}`, reason]),
  );
  return mediawikiOf(facts)
    .filter(({ release }) => !deployed.has(release.id))
    .map(({ release, reason }) => {
      const why = reasons.get(release.id);
      return {
        ...({ code: "not-in-deployments", severity: "error", subject: release.id } as const),
        environment: facts.environment,
        message: `${release.id} is MediaWiki's, which is left to scap, and ${why === undefined ? `${file} does not name it` : `scap leaves it alone: ${why}`}`,
        remedy: `add it to ${file}, or name ${release.name} under another class in the entry of ${release.namespace}`,
        ...(reason.place ? { place: reason.place } : {}),
      };
    });
}

function nothingHere(facts: EnvironmentFacts, file: string): Found[] {
  const releases = mediawikiOf(facts);
  if (releases.length === 0) return [];
  const { environment } = facts;
  return [
    {
      ...{ code: "not-in-deployments", severity: "error", environment, subject: environment },
      message: `${file} names nothing that scap deploys here, where helmfiles install ${releases.length} releases of MediaWiki`,
      remedy: `add the environment to ${file}, or leave it out of the check by -e`,
    },
  ];
}

function mediawikiOf({ installed }: EnvironmentFacts) {
  return installed.filter((one) => one.class === "mediawiki");
}
