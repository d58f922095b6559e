import { groupedBy } from "../common/grouped-by.ts";
import { counted, firstOf } from "../common/words.ts";
import type { StepOutcome } from "../rollout/outcome.ts";
import { interruptedWhileItRan, isDoneEarlier } from "../rollout/outcome-reasons.ts";
import { scapDeploysIt } from "./included.ts";
import type { Excluded, Plan } from "./plan.ts";

/** What no step deploys, in words for people. */
export interface NotDeployed {
  /** What the command of a stage deploys, where one does. */
  readonly handedOver?: readonly [to: string, what: string];
  readonly leftOut: readonly LeftOut[];
}

/** What is left out for one reason. */
export interface LeftOut {
  readonly reason: string;
  readonly what: "release" | "service";
  /** Ids of releases, or names of services. */
  readonly names: readonly string[];
}

/** The command of a stage that hands MediaWiki over, and how that ended, as far as it is known. */
export interface HandOff {
  readonly command: readonly string[];
  /** What it deploys: a stage's `runDeploys`. Older runs do not say. */
  readonly deploys?: readonly string[] | undefined;
  readonly outcome?: string | undefined;
  readonly reason?: string | undefined;
  readonly failure?: { readonly kind: string } | undefined;
}

/**
 * What a plan does not deploy itself.
 *
 * @param outcomes how the commands of stages ended, by stage; none before a rollout
 */
export function notDeployedBy(plan: Plan, outcomes?: ReadonlyMap<string, StepOutcome>): NotDeployed {
  const stage = plan.stages.find(({ run }) => run);
  if (!stage?.run) return notDeployed(plan, undefined);
  const outcome = outcomes?.get(stage.name);
  return notDeployed(plan, {
    command: stage.run,
    deploys: stage.runDeploys,
    outcome: outcome?.kind,
    reason: outcome && "reason" in outcome ? outcome.reason : undefined,
    failure: outcome?.kind === "failed" ? outcome.failure : undefined,
  });
}

/**
 * What no step deploys: what is handed over, and what is left out, by reason. What somebody excluded, and what is handed
 * over with the rest all the same, is both. Of a service that could not be read no release is known: it stands here
 * itself.
 */
export function notDeployed(
  {
    excluded,
    excludedUnreadable = [],
  }: {
    readonly excluded: readonly Excluded[];
    readonly excludedUnreadable?: readonly { readonly service: string; readonly reason: string }[];
  },
  handOff: HandOff | undefined,
): NotDeployed {
  const own = excluded.filter(({ reason }) => reason === scapDeploysIt).map(({ release }) => release);
  const { command: [to = ""] = [], deploys = own } = handOff ?? {};
  const isHandedOver = handOff !== undefined && deploys.length > 0;
  const begun = handOff !== undefined && isBegun(handOff);
  const all = new Set(isHandedOver && begun ? deploys : []);
  const left = isHandedOver ? excluded.filter(({ reason }) => reason !== scapDeploysIt) : excluded;
  const releases = groupedBy(left, ({ release, reason }) =>
    all.has(release) ? `${reason}; ${to} deploys it all the same` : reason,
  );
  const services = groupedBy(excludedUnreadable, ({ reason }) => `${reason}; could not be read`);
  return {
    ...(isHandedOver && {
      handedOver: [`${begun ? "" : "not "}handed to ${to}`, describeHandedOver(deploys)] as const,
    }),
    leftOut: [
      ...[...releases].map(([reason, group]) => {
        return { reason, what: "release" as const, names: group.map(({ release }) => release) };
      }),
      ...[...services].map(([reason, group]) => {
        return { reason, what: "service" as const, names: group.map(({ service }) => service) };
      }),
    ],
  };
}

/** In some namespaces they have their names only when they are deployed. */
export function describeHandedOver(releases: readonly string[]): string {
  const unnamed = releases.filter((id) => id.endsWith("/*"));
  const named = counted(releases.length - unnamed.length, "release");
  return unnamed.length === 0 ? named : `${named} and ${firstOf(unnamed, 3)}`;
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
