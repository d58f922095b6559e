import { namespaceOf } from "../common/release.ts";
import type { Derived } from "./derived.ts";

/**
 * The variables and objects that no release was seen to provide, of namespaces in which some could not be rendered: one
 * of those may provide them.
 *
 * @param notRendered ids of releases
 */
export function doubtfulNeeds(
  { unprovided, notMade }: Pick<Derived, "unprovided" | "notMade">,
  notRendered: readonly string[],
): string[] {
  const incomplete = new Set(notRendered.map(namespaceOf));
  return [
    ...new Set([
      ...unprovided.filter(({ release }) => incomplete.has(namespaceOf(release))).map((one) => one.variable),
      ...notMade.filter(({ namespace }) => incomplete.has(namespace)).map(({ name }) => name),
    ]),
  ];
}
