import type { Diagnostic } from "../common/diagnostic.ts";
import { isGlob, matchesAny } from "../common/glob.ts";
import { oneTypoAway } from "../common/one-typo.ts";
import { allMembersOf, environmentsOf, type Registry } from "../registry/registry.ts";

/**
 * What is wrong with an environment that the registry does not name, and that is one typo away from one that it names.
 * Nothing might be required in it, and then it would be ready; or the typo is the registry's, and what is limited to
 * it is missed here. Without a tree nobody else can tell.
 */
export function unknownEnvironment(environment: string, registry: Registry): Diagnostic | undefined {
  const found = nearlyNamed(environment, registry);
  if (!found) return undefined;
  return {
    severity: "error",
    code: "unknown-environment",
    message: `unknown environment "${environment}": did you mean ${found.text}?`,
    related: [{ message: `the registry names ${found.text} here`, place: found.place }],
    remedy: `correct the one that is misspelled; if there are both, give what tells which environments there are: --inventory FILE or --services_dir DIR`,
  };
}

/** The same where a tree tells that there is the environment: then the registry's name of it is probably misspelled. */
export function misspelledEnvironment(environment: string, registry: Registry): Diagnostic | undefined {
  const found = nearlyNamed(environment, registry);
  if (!found) return undefined;
  return {
    severity: "warning",
    code: "misspelled-environment",
    message: `the registry names the environment ${found.text}, and ${environment} nowhere: what is limited to it is not required here`,
    place: found.place,
    remedy: `did you mean ${environment}?`,
  };
}

function nearlyNamed(environment: string, { namespaces }: Registry) {
  const named = [...namespaces.values()].flatMap(allMembersOf).flatMap(environmentsOf);
  const globs = named.map(({ text }) => text);
  if (matchesAny(globs, environment)) return undefined;
  const meant = oneTypoAway(
    environment,
    globs.filter((glob) => !isGlob(glob)),
  );
  return named.find(({ text }) => text === meant);
}
