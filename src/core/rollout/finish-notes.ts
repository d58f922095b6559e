import { namespaceOf } from "../common/release.ts";
import { counted } from "../common/words.ts";
import type { HookRequests } from "../hooks/hooks.ts";
import { deployCommand } from "../plan/deploy-command.ts";
import type { Step } from "../plan/plan.ts";
import { isDoneKind } from "./outcome.ts";

/** What the operator should know at the end of a rollout about MediaWiki and what it needs: one note a line. */
export function assembleFinishNotes({ plan, outcomes, flags }: HookRequests["rollout:finish"]): string[] {
  const support = plan.steps.filter((step) => step.class === "support");
  const missing = support.filter(({ id }) => !isDoneKind(outcomes[id]));
  if (missing.length > 0) return [renderWaiting(missing), ...remedies(missing, { plan, outcomes })];
  if (flags["support-only"] && support.length > 0) {
    const namespaces = new Set(support.flatMap((step) => step.releases.map(namespaceOf)));
    return [
      `What MediaWiki needs is in place in ${counted(namespaces.size, "namespace")}: scap can deploy it.`,
    ];
  }
  return [];
}

function renderWaiting(missing: readonly Step[]): string {
  const services = [...new Set(missing.map((step) => step.service))];
  return `MediaWiki must wait in ${services.join(", ")}: not everything that it needs was deployed.`;
}

/**
 * Only what failed by itself is mended by deploying it again; what was blocked or cancelled waits for something else, and
 * how to go on with it whoever runs the rollout says.
 */
function remedies(
  missing: readonly Step[],
  { plan, outcomes }: Pick<HookRequests["rollout:finish"], "plan" | "outcomes">,
): string[] {
  const failed = new Set(missing.filter(({ id }) => outcomes[id] === "failed").map(({ service }) => service));
  return [...failed].map(
    (service) => `  when the cause is mended: ${deployCommand(service, plan.environment)}`,
  );
}
