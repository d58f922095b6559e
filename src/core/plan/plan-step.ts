import type { Graph } from "../common/graph.ts";
import type { Tree } from "../common/release.ts";
import type { StageEntry } from "../registry/registry.ts";
import type { Because, Step } from "./plan.ts";
import type { PlanOptions } from "./plan-options.ts";
import { stepArguments } from "./step-arguments.ts";
import type { StepDraft } from "./step-drafts.ts";

/** The step of the plan that a draft becomes: one helmfile, with its arguments and what it waits for. */
export function planStep(
  node: number,
  context: {
    readonly drafts: readonly StepDraft[];
    readonly graph: Graph;
    readonly idOf: (step: number) => string;
    readonly gatesOf: ReadonlyMap<number, readonly string[]>;
    readonly reasonsOf: ReadonlyMap<number, readonly Because[]>;
    readonly tree: Tree;
    readonly options: PlanOptions;
    readonly stages: readonly StageEntry[];
  },
): Step {
  const { drafts, graph, idOf, options, tree } = context;
  const draft = drafts[node];
  if (!draft) throw new Error(`no step ${node}`);
  const action = options.mode === "restore" ? "sync" : "apply";
  const gates = context.gatesOf.get(node) ?? [];
  const because = context.reasonsOf.get(node) ?? [];
  const own = draft.releases.map(({ release }) => release);
  const kubeconfig = [...own, ...draft.service.releases].find((release) => release.kubeconfig)?.kubeconfig;
  const kubeContext = own.find((release) => release.kubeContext)?.kubeContext;
  const helm = own.find((release) => release.helm)?.helm;
  const removes = draft.whole && draft.service.releases.length > draft.releases.length;
  const { helmfile, args } = stepArguments(draft, {
    action,
    environment: tree.environment,
    servicesDir: options.servicesDir,
  });
  return {
    id: draft.id,
    service: draft.service.name,
    helmfile,
    releases: draft.releases.map(({ release }) => release.id),
    class: draft.releases[0]?.class ?? "other",
    action,
    args,
    after: (graph.predecessors[node] ?? []).map(idOf),
    stage: context.stages[draft.stage]?.name ?? "",
    ...(gates.length > 0 ? { gates: [...gates] } : {}),
    ...(because.length > 0 ? { because: [...because] } : {}),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
    ...(kubeContext === undefined ? {} : { kubeContext }),
    ...(helm === undefined ? {} : { helm }),
    ...(removes ? { removesReleases: true } : {}),
  };
}
