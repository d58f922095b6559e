import { namespaceOf } from "../common/release.ts";
import type { UnmadeObject } from "../manifests/derived.ts";
import type { MadeObject } from "../manifests/made-by-release.ts";
import type { CheckFacts, RenderedEnvironment } from "./check-facts.ts";

/**
 * Whether manifests of all environments show that in none of them anything misses a release where it is not: a variable that
 * no Service of its namespace gives, or an object that it makes elsewhere.
 */
export function isNowhereMissed(id: string, { environments, question, isWhole }: CheckFacts): boolean {
  const namespace = namespaceOf(id);
  // What misses it may be of a service that was not asked about.
  const shown = question.rendered ?? [];
  const isSeen = environments.every(
    ({ environment, incomplete }) =>
      shown.some((one) => one.environment === environment) && !incomplete.has(namespace),
  );
  if (!isWhole || !isSeen) return false;
  const made = new Set(
    shown.flatMap(({ releases }) =>
      releases.filter(({ release }) => release === id).flatMap(({ objects = [] }) => objects.map(keyOf)),
    ),
  );
  return !shown.filter((one) => !isInstalled(id, one.environment, environments)).some(lacks(namespace, made));
}

function isInstalled(id: string, environment: string, environments: CheckFacts["environments"]): boolean {
  return environments.some(
    (one) => one.environment === environment && one.byId.get(id)?.release.installed === true,
  );
}

function lacks(namespace: string, made: ReadonlySet<string>): (shown: RenderedEnvironment) => boolean {
  return ({ derived }) =>
    derived.unprovided.some(({ release }) => namespaceOf(release) === namespace) ||
    derived.notMade.some((one) => made.has(keyOf(one)));
}

function keyOf({ kind, namespace, name }: MadeObject | UnmadeObject): string {
  return `${kind} ${namespace}/${name}`;
}
