import { namespaceOf, type ReleaseId } from "../common/release.ts";
import { counted, firstOf } from "../common/words.ts";
import type { HookRequests } from "../hooks/hooks.ts";
import { deployCommand } from "../plan/deploy-command.ts";
import { notInstalledIn, scapDeploysIt } from "../plan/included.ts";
import type { Plan, Step } from "../plan/plan.ts";
import type { Registry } from "../registry/registry.ts";
import { remedyForMissing, requiredSupport } from "../registry/required-support.ts";
import { isDoneKind } from "./outcome.ts";

/** What the operator should know at the end of a rollout about MediaWiki and what it needs: one note a line. */
export function assembleFinishNotes(
  { plan, outcomes, flags }: HookRequests["rollout:finish"],
  registry: Registry,
): string[] {
  const support = plan.steps.filter((step) => step.class === "support");
  const undone = support.filter(({ id }) => !isDoneKind(outcomes[id]));
  const waiting = undone.length > 0 ? [renderWaiting(undone), ...remedies(undone, { plan, outcomes })] : [];
  if (!flags["support-only"]) return waiting;
  const supported = new Set(support.flatMap((step) => step.releases.map(namespaceOf)));
  const lacking = new Map(
    [...new Set([...supported, ...namespacesLeftToScap(plan)])]
      .map((namespace) => [namespace, requiredElsewhere(namespace, plan, registry)] as const)
      .filter(([, releases]) => releases.length > 0),
  );
  const lacks = [...lacking.values()].flat().flatMap((release) => renderLacking(release, plan, registry));
  const inPlace = [...supported].filter((namespace) => !lacking.has(namespace)).length;
  if (waiting.length > 0 || inPlace === 0) return [...waiting, ...lacks];
  return [
    `What MediaWiki needs is in place in ${counted(inPlace, "namespace")}: scap can deploy it.`,
    ...lacks,
  ];
}

function namespacesLeftToScap({ excluded }: Plan): string[] {
  return excluded.filter(({ reason }) => reason === scapDeploysIt).map(({ release }) => namespaceOf(release));
}

/** What the registry requires in a namespace, and no step of the plan deploys. */
function requiredElsewhere(namespace: string, { environment, steps }: Plan, registry: Registry): ReleaseId[] {
  const deployed = new Set(steps.flatMap(({ releases }) => releases));
  return requiredSupport(namespace, { registry, environment })
    .map(({ release }) => release)
    .filter((release) => !deployed.has(release));
}

function renderLacking(
  release: ReleaseId,
  { environment, steps, excluded, unreadable, excludedUnreadable = [] }: Plan,
  registry: Registry,
): string[] {
  const namespace = namespaceOf(release);
  const reason = excluded.find((one) => one.release === release)?.reason ?? notInstalledIn(environment);
  // It may have been there for long.
  if (reason !== notInstalledIn(environment))
    return [`In ${namespace} MediaWiki also needs ${release}, which was left out: ${reason}.`];
  const waits = `MediaWiki must wait in ${namespace}: it needs ${release}, which no helmfile installs in ${environment}`;
  const notRead = [...unreadable, ...excludedUnreadable].map(({ service }) => service);
  if (notRead.length > 0) {
    const unread = firstOf(notRead, 3);
    return [`${waits}, as far as they could be read (not ${unread}).`];
  }
  const others = excluded.filter(({ reason: why }) => why !== notInstalledIn(environment));
  const installed = [...steps.flatMap(({ releases }) => releases), ...others.map((one) => one.release)];
  return [`${waits}.`, `  ${remedyForMissing(release, { registry, installed })}`];
}

function renderWaiting(undone: readonly Step[]): string {
  const services = [...new Set(undone.map((step) => step.service))];
  return `MediaWiki must wait in ${services.join(", ")}: not everything that it needs was deployed.`;
}

/**
 * Only what failed by itself is mended by deploying it again; what was blocked or cancelled waits for something else, and
 * how to go on with it whoever runs the rollout says.
 */
function remedies(
  undone: readonly Step[],
  { plan, outcomes }: Pick<HookRequests["rollout:finish"], "plan" | "outcomes">,
): string[] {
  const failed = new Set(undone.filter(({ id }) => outcomes[id] === "failed").map(({ service }) => service));
  return [...failed].map(
    (service) => `  ${service} alone, when the cause is mended: ${deployCommand(service, plan.environment)}`,
  );
}
