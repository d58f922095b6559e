import type { HookRequests } from "./hooks.ts";

/** What the operator should know at the end of a rollout about MediaWiki and what it needs: one note a line. */
export function assembleFinishNotes({ plan, outcomes, flags }: HookRequests["rollout:finish"]): string[] {
  const support = plan.steps.filter((step) => step.class === "support");
  const missing = support.filter(
    (step) => outcomes[step.id] !== "succeeded" && outcomes[step.id] !== "skipped",
  );
  if (missing.length > 0) {
    const services = [...new Set(missing.map((step) => step.service))];
    return [
      `MediaWiki must wait in ${services.join(", ")}: ${missing.map((step) => `${step.id} ${outcomes[step.id]}`).join(", ")}.`,
      ...services.map(
        (service) =>
          `  mend it with: charlie-mediawiki apply --support-only -e ${plan.environment} -s ${service}`,
      ),
    ];
  }
  if (flags["support-only"] && support.length > 0) {
    const namespaces = new Set(
      support.flatMap((step) => step.releases.map((release) => release.split("/")[0])),
    );
    return [`What MediaWiki needs is in place in ${namespaces.size} namespaces: scap can deploy it.`];
  }
  return [];
}
