import { counted } from "../common/words.ts";
import { interruptedWhileItRan, isDoneEarlier } from "../rollout/outcome-reasons.ts";
import type { Excluded } from "./plan.ts";

/** Why no step deploys a release of MediaWiki. Where a stage hands MediaWiki over, its command does. */
export const scapDeploysIt = "MediaWiki: scap deploys it";

/** The command of a stage that hands MediaWiki over, and how that ended, as far as it is known. */
export interface HandOff {
  readonly command: readonly string[];
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  readonly failure?: { readonly kind: string } | undefined;
}

/** What no step deploys: what is handed over, in words for people, apart from what is left out. */
export function apartFromHandedOver(
  excluded: readonly Excluded[],
  handOff: HandOff | undefined,
): { readonly leftOut: readonly Excluded[]; readonly handedOver?: readonly [to: string, what: string] } {
  const own = excluded.filter(({ reason }) => reason === scapDeploysIt);
  if (!handOff || own.length === 0) return { leftOut: excluded };
  return {
    leftOut: excluded.filter(({ reason }) => reason !== scapDeploysIt),
    handedOver: [
      `${isBegun(handOff) ? "" : "not "}handed to ${handOff.command[0]}`,
      counted(own.length, "release"),
    ],
  };
}

/** By this run or by an earlier one. Before a run it is told as what will be. */
function isBegun({ outcome, reason = "", failure }: HandOff): boolean {
  switch (outcome) {
    case "failed":
      return failure?.kind !== "spawn";
    case "blocked":
    case "not-begun":
      return false;
    case "cancelled":
      return reason === interruptedWhileItRan;
    case "skipped":
      return isDoneEarlier(reason);
    default:
      return true;
  }
}
