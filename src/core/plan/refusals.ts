import type { Diagnostic } from "../common/diagnostic.ts";
import type { Classification } from "../registry/classify.ts";
import type { SelectedServices } from "../tree/selection.ts";
import type { PlanOptions } from "./plan-options.ts";
import type { StepDraft } from "./step-drafts.ts";

/** What makes a plan impossible before it is made. Only what is selected can. */
export function findRefusals(
  { releases }: Classification,
  selected: SelectedServices,
  { mode, supportOnly = false, withMediawiki = false, selection }: PlanOptions,
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  if (supportOnly && withMediawiki) {
    diagnostics.push({
      severity: "error",
      code: "contradicting-flags",
      message: "--support-only and --with-mediawiki contradict each other",
      remedy: "leave one of them out",
    });
  }
  for (const { release, fault } of releases) {
    if (fault && release.installed && !selected.leftOut.has(release.service)) {
      diagnostics.push({ ...fault, severity: "error" });
    }
  }
  const skipped = releases.filter(
    ({ release, class: releaseClass }) =>
      releaseClass === "support" && release.installed && selected.countAsDone.has(release.service),
  );
  if (mode === "restore" && skipped.length > 0) {
    diagnostics.push({
      severity: "error",
      code: "resume-skips-support",
      message: `--resume_at ${selection?.resumeAt} would skip support releases that MediaWiki needs: ${skipped.map(({ release }) => release.id).join(", ")}`,
      remedy:
        "leave --resume_at out: in a restore, what is there already is deployed again, and that changes nothing",
    });
  }
  return diagnostics;
}

/**
 * Steps that cannot be selected alone: a release without a namespace is selected by its name, and helmfile would
 * take every other release of that name with it.
 */
export function findAmbiguousSteps(drafts: readonly StepDraft[]): Diagnostic[] {
  return drafts.flatMap(({ whole, releases, service }) => {
    const [classified] = releases;
    if (whole || !classified || classified.release.namespace !== "") return [];
    const { release } = classified;
    const others = service.releases.filter((other) => other !== release && other.name === release.name);
    if (others.length === 0) return [];
    return [
      {
        severity: "error",
        code: "ambiguous-release",
        message: `${release.id} of ${service.helmfile} has no namespace, and ${others.map(({ id }) => id).join(", ")} has the same name: helmfile cannot select it alone`,
        remedy: `give it a namespace in ${service.helmfile}, or leave the service out by --exclude ${service.name}`,
      },
    ];
  });
}
