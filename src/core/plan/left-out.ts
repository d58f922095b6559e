import { groupedBy } from "../common/grouped-by.ts";
import type { Excluded } from "./plan.ts";

/** What is left out for one reason. */
export interface LeftOut {
  readonly reason: string;
  readonly what: "release" | "service";
  /** Ids of releases, or names of services. */
  readonly names: readonly string[];
}

/**
 * What a rollout leaves out, by reason. Of a service that could not be read no release is known: it stands here itself.
 */
export function leftOutByReason({
  excluded,
  excludedUnreadable = [],
}: {
  readonly excluded: readonly Excluded[];
  readonly excludedUnreadable?: readonly { readonly service: string; readonly reason: string }[];
}): LeftOut[] {
  const releases = groupedBy(excluded, ({ reason }) => reason);
  const services = groupedBy(excludedUnreadable, ({ reason }) => `${reason}; could not be read`);
  return [
    ...[...releases].map(([reason, group]) => {
      return { reason, what: "release" as const, names: group.map(({ release }) => release) };
    }),
    ...[...services].map(([reason, group]) => {
      return { reason, what: "service" as const, names: group.map(({ service }) => service) };
    }),
  ];
}
