import { counted } from "../common/words.ts";
import { describeFailure } from "../helmfile-output/describe-failure.ts";
import type { Step } from "../plan/plan.ts";
import type { StepFailure } from "./outcome.ts";

/** What helmfile says that a step would change. */
export type StepDiff = { readonly step: Step; readonly lines: readonly string[] } & (
  | { readonly kind: "changed" }
  | { readonly kind: "unchanged" }
  /** None of its releases is there: there was nothing to compare with. */
  | { readonly kind: "new" }
  | { readonly kind: "failed"; readonly failure: StepFailure }
);

/** The diff of one step for people. */
export function renderStepDiff(diff: StepDiff, environment: string): string {
  const prefix = `[${diff.step.service} ${environment}]`;
  switch (diff.kind) {
    case "unchanged":
      return `${prefix} ${diff.step.id}: no change`;
    case "new":
      return `${prefix} ${diff.step.id}: not there yet, all of it is new`;
    case "changed":
      return [`${prefix} ${diff.step.id}:`, ...diff.lines].join("\n");
    case "failed":
      return [`${prefix} ${diff.step.id}: diff failed: ${describeFailure(diff.failure)}`, ...diff.lines].join(
        "\n",
      );
  }
}

/** Counts, in one line. */
export function renderDiffCounts(diffs: readonly StepDiff[]): string {
  const count = (kind: StepDiff["kind"]) => diffs.filter((diff) => diff.kind === kind).length;
  const fresh = count("new") > 0 ? `${count("new")} new, ` : "";
  return `${counted(diffs.length, "step")}: ${fresh}${count("changed")} changed, ${count("unchanged")} unchanged, ${count("failed")} failed`;
}
