import { nearest } from "../core/common/nearest.ts";
import type { Manifest, ManifestVerb } from "../core/hooks/plugin-manifest.ts";
import { exitCodes, Refusal } from "./settings.ts";

/** A verb that deploys, and how it goes about it. */
export type RolloutVerb = Omit<ManifestVerb, "summary">;

/** charlie's own. */
export const applyVerb: RolloutVerb = {
  name: "apply",
  mode: "apply",
  diffs: true,
  asksBetweenStages: false,
  refusesUnreadable: false,
  oneEnvironment: false,
  needsWipedCluster: false,
};

/** The rollout of that name: charlie's own, or one that the plugin added. */
export function findRollout(name: string, manifest: Manifest | undefined): RolloutVerb {
  const all = [applyVerb, ...(manifest?.verbs ?? [])];
  const found = all.find((verb) => verb.name === name);
  if (found) return found;
  const names = all.map((verb) => verb.name);
  const guess = nearest(name, names);
  const hint = guess === undefined ? `the rollouts are ${names.join(", ")}` : `did you mean ${guess}?`;
  throw new Refusal(`there is no rollout "${name}": ${hint}`, exitCodes.usage);
}
