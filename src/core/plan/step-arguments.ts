import type { Step } from "./plan.ts";
import type { StepDraft } from "./step-drafts.ts";

/**
 * The arguments of the helmfile run that carries a step out, and the path of its helmfile. A step that is not a
 * whole service names each of its releases (positively: what appears between plan and run must not slip in).
 */
export function stepArguments(
  draft: StepDraft,
  context: { readonly action: "sync" | "apply"; readonly environment: string; readonly servicesDir: string },
): { readonly helmfile: string; readonly args: string[] } {
  const { helmfile: path } = draft.service;
  const helmfile = path.startsWith("/") ? path : `${context.servicesDir.replace(/\/+$/, "")}/${path}`;
  const selectors = draft.whole
    ? []
    : draft.releases.flatMap(({ release }) => [
        "-l",
        release.namespace === ""
          ? `name=${release.name}`
          : `namespace=${release.namespace},name=${release.name}`,
      ]);
  return {
    helmfile,
    args: [
      "--file",
      helmfile,
      "--environment",
      context.environment,
      ...selectors,
      ...verbArguments[context.action],
    ],
  };
}

const verbArguments: Readonly<Record<Step["action"], readonly string[]>> = {
  sync: ["sync"],
  apply: ["apply", "--context", "5"],
};

/** The arguments of a step with another verb. */
export function withVerb(args: readonly string[], action: Step["action"]): string[] {
  return [...beforeVerb(args), ...verbArguments[action]];
}

/** The arguments that show what a step would change: those of the step, with `diff` for its verb. */
export function diffArguments(args: readonly string[]): string[] {
  return [...beforeVerb(args), "diff", "--context", "5", "--detailed-exitcode"];
}

function beforeVerb(args: readonly string[]): readonly string[] {
  return args.slice(
    0,
    args.findLastIndex((word) => word === "sync" || word === "apply"),
  );
}
