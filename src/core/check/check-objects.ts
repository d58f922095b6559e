import { appendTo } from "../common/grouped-by.ts";
import { namespaceOf } from "../common/release.ts";
import type { UnmadeObject } from "../manifests/derived.ts";
import { objectKinds } from "../manifests/object-kind.ts";
import type { CheckFacts, EnvironmentFacts } from "./check-facts.ts";
import type { Found } from "./finding.ts";

/**
 * Objects that pods cannot be started without, and that a release makes in another environment and none in this one.
 * What none makes anywhere is not made by helm, which is no fault.
 */
export function checkObjects({ environments }: CheckFacts): Found[] {
  const makers = makersOf(environments);
  return environments.flatMap((facts) =>
    (facts.rendered?.derived.notMade ?? []).flatMap((one) =>
      madeElsewhere(one, facts, makers.get(keyOf(one)) ?? []),
    ),
  );
}

interface Maker {
  readonly release: string;
  readonly environment: string;
}

function makersOf(environments: CheckFacts["environments"]): ReadonlyMap<string, readonly Maker[]> {
  const makers = new Map<string, Maker[]>();
  for (const { environment, rendered } of environments) {
    for (const { release, objects = [] } of rendered?.releases ?? []) {
      for (const object of objects) {
        appendTo(makers, keyOf(object), { release, environment });
      }
    }
  }
  return makers;
}

function keyOf({ kind, namespace, name }: Pick<UnmadeObject, "kind" | "namespace" | "name">): string {
  return `${kind} ${namespace}/${name}`;
}

function madeElsewhere(
  { release, kind, namespace, name, evidence }: UnmadeObject,
  { environment, rendered, incomplete }: EnvironmentFacts,
  makers: readonly Maker[],
): Found[] {
  // What could not be read or rendered may make it.
  if (makers.length === 0 || incomplete.has(namespace) || incomplete.has(namespaceOf(release))) return [];
  const what = `the ${objectKinds[kind]} ${name}`;
  const names = [...new Set(makers.map((maker) => maker.release))].toSorted();
  const where = [...new Set(makers.map((maker) => maker.environment))].toSorted().join(", ");
  const installed = names.filter((maker) => rendered?.releases.some((one) => one.release === maker));
  const remedy =
    installed.length > 0
      ? `let the values of ${installed.join(", ")} make it here too`
      : `install ${names.join(", ")} here too`;
  return [
    {
      ...{ code: "dependency-differs", severity: "warning", environment, subject: release, evidence },
      message: `${release} needs ${what}, which ${names.join(", ")} makes in ${where}, and no release here`,
      remedy: `${remedy}, or mount it only where it is made`,
    },
  ];
}
