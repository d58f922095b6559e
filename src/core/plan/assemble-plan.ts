import { type Diagnostic, renderPlace } from "../common/diagnostic.ts";
import { assembleGraph, findCycles, type Graph, longestPaths, orderNodes } from "../common/graph.ts";
import { appendTo } from "../common/grouped-by.ts";
import type { Tree } from "../common/release.ts";
import { classify } from "../registry/classify.ts";
import type { Registry } from "../registry/registry.ts";
import { type SelectedServices, type Selection, selectServices } from "../tree/selection.ts";
import { assembleGates, type GateDraft, planGate } from "./gates.ts";
import { findCommandStages, findMissingSupport, releasesHandedOver } from "./hand-off.ts";
import { includeReleases } from "./included.ts";
import type { Plan, PlanCluster } from "./plan.ts";
import type { PlanOptions } from "./plan-options.ts";
import { providedServices } from "./plan-provides.ts";
import { fillEnvironment, planStages } from "./plan-stages.ts";
import { planStep } from "./plan-step.ts";
import { reasonsByStep } from "./reasons.ts";
import { findAmbiguousSteps, findRefusals } from "./refusals.ts";
import { assignStages } from "./stages.ts";
import { cutSteps, type StepDraft } from "./step-drafts.ts";
import { findStepOrder, type OrderEdge } from "./step-order.ts";

/** A plan, or what stands in its way; warnings may come with either. */
export interface AssembledPlan {
  readonly plan?: Plan;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Makes the plan of a rollout: which helmfile runs, on which releases, and what waits for what. Pure: the same
 * input gives the same plan, byte for byte. Without a plan, an error among the diagnostics says why.
 *
 * @example
 * const { plan, diagnostics } = assemblePlan(tree, registry, { mode: "restore", servicesDir: "/srv/helmfile.d/services" });
 */
export function assemblePlan(tree: Tree, registry: Registry, options: PlanOptions): AssembledPlan {
  const classification = classify(tree, registry);
  const selected = selectServices(tree, completeSelection(options.selection));
  const { supportOnly = false, withMediawiki = false, mode } = options;
  const { included, excluded } = includeReleases(classification.releases, {
    environment: tree.environment,
    selected,
    supportOnly,
    withMediawiki,
  });
  const staged = assignStages(included, { mode, registry });
  const diagnostics = [
    ...selected.diagnostics,
    ...findRefusals(classification, selected, options),
    ...staged.diagnostics,
  ];
  if (hasError(diagnostics)) return { diagnostics };

  const drafts = cutSteps(tree, {
    registry,
    included,
    stageOf: staged.stageOf,
    mediawikiNamespaces: classification.mediawikiNamespaces,
    notOther: new Set(
      classification.releases.filter((one) => one.class !== "other").map(({ release }) => release),
    ),
    emptyServices: servicesToEmpty(selected, options),
  });
  const context = { registry, unreadable: tree.unreadable, classification, selected, options };
  const { commands, diagnostics: withheld } = findCommandStages(staged.stages, context);
  if (withMediawiki || supportOnly || commands.length > 0) diagnostics.push(...findMissingSupport(context));
  diagnostics.push(...withheld, ...findAmbiguousSteps(drafts));
  const order = findStepOrder(drafts, {
    registry,
    excluded: new Map(excluded.map(({ release, reason }) => [release, reason])),
  });
  const { gates, runAfter } = assembleGates(drafts, {
    stages: staged.stages,
    supported: order.supported,
    isRestore: mode === "restore",
    commands,
  });
  const edges = [...order.edges, ...gates.flatMap(gateEdges)];
  const graph = assembleGraph(drafts.length, edges);
  const ordered = orderNodes(graph, () => 0);
  diagnostics.push(...order.diagnostics, ...describeCycles(graph, ordered, { drafts, edges }));
  if (hasError(diagnostics)) return { diagnostics };

  const serial = orderNodes(graph, serialRank(drafts, selected, longestPaths(graph, ordered)));
  const idOf = (step: number) => drafts[step]?.id ?? "";
  const gatesOf = indexGates(gates);
  const reasonsOf = reasonsByStep(order.edges, idOf);
  const steps = serial.map((node) =>
    planStep(node, { drafts, graph, idOf, gatesOf, reasonsOf, tree, options, stages: staged.stages }),
  );
  const provides = providedServices(classification, { registry, steps });
  const plan: Plan = {
    version: 1,
    environment: tree.environment,
    mode,
    stages: planStages(steps, {
      stages: staged.stages,
      commands,
      runAfter,
      environment: tree.environment,
      runDeploys: commands.length > 0 ? releasesHandedOver(classification, registry) : [],
    }),
    steps,
    gates: gates.map((gate) => planGate(gate, idOf)),
    ...(registry.log ? { log: fillEnvironment(registry.log, tree.environment) } : {}),
    ...(registry.lockFolder === undefined ? {} : { lockFolder: registry.lockFolder }),
    cluster: clusterOf(registry, tree.environment),
    ...(provides.length > 0 ? { provides, settleSeconds: registry.settleSeconds } : {}),
    excluded: [...excluded],
    ...planUnreadable(tree, selected),
  };
  return { plan, diagnostics };
}

/** What is left out needs nobody to mend it; that it is left out is told all the same. */
function planUnreadable(
  { unreadable }: Tree,
  { leftOut }: SelectedServices,
): Pick<Plan, "unreadable" | "excludedUnreadable"> {
  const excludedUnreadable = unreadable.flatMap((one) => {
    const reason = leftOut.get(one.service);
    return reason === undefined ? [] : [{ ...one, reason }];
  });
  return {
    unreadable: unreadable.filter(({ service }) => !leftOut.has(service)),
    ...(excludedUnreadable.length > 0 ? { excludedUnreadable } : {}),
  };
}

function completeSelection(selection: Partial<Selection> = {}): Selection {
  return { service: [], exclude: [], priority: [], ...selection };
}

function hasError(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/** As charlie always did: an apply also visits services of which nothing is installed, so that helmfile cleans up. */
function servicesToEmpty(selected: SelectedServices, options: PlanOptions): Set<string> {
  return new Set(options.mode === "apply" && !options.supportOnly ? selected.order : []);
}

function gateEdges(gate: GateDraft): OrderEdge[] {
  // One text for all: a gate may have as many edges as all else together.
  const { place } = gate;
  const reason = { why: `the gate of the stage ${gate.stage}`, ...(place && { place }) };
  return gate.holds.flatMap((second) => gate.waitsFor.map((first) => ({ first, second, ...reason })));
}

function indexGates(gates: readonly GateDraft[]): Map<number, string[]> {
  const gatesOf = new Map<number, string[]>();
  for (const gate of gates) {
    for (const node of gate.holds) appendTo(gatesOf, node, gate.id);
  }
  return gatesOf;
}

/** Stage by stage, what is named by --priority first, then the longest way still behind, then charlie's order. */
function serialRank(
  drafts: readonly StepDraft[],
  selected: SelectedServices,
  paths: readonly number[],
): (left: number, right: number) => number {
  const position = new Map(selected.order.map((name, at) => [name, at]));
  const keys = drafts.map((draft, node) => ({
    stage: draft.stage,
    priority: selected.priority.get(draft.service.name) ?? Number.MAX_SAFE_INTEGER,
    path: paths[node] ?? 0,
    position: position.get(draft.service.name) ?? 0,
  }));
  return (left, right) => {
    const one = keys[left];
    const other = keys[right];
    if (!one || !other) return left - right;
    return (
      one.stage - other.stage ||
      one.priority - other.priority ||
      other.path - one.path ||
      one.position - other.position ||
      left - right
    );
  };
}

function clusterOf(registry: Registry, environment: string): PlanCluster {
  const { kubeconfig, readKubeconfig, systemNamespaces } = registry;
  const filled = (template: string) => template.replaceAll("{environment}", environment);
  return {
    ...(kubeconfig === undefined ? {} : { kubeconfig: filled(kubeconfig) }),
    ...(readKubeconfig === undefined ? {} : { readKubeconfig: filled(readKubeconfig) }),
    systemNamespaces: [...systemNamespaces],
  };
}

function describeCycles(
  graph: Graph,
  ordered: readonly number[],
  { drafts, edges }: { readonly drafts: readonly StepDraft[]; readonly edges: readonly OrderEdge[] },
): Diagnostic[] {
  return findCycles(graph, ordered).map((cycle) => {
    const steps = [...cycle, cycle[0] ?? 0];
    const reasons = steps
      .slice(1)
      .map((second, at) => edges.find((edge) => edge.first === steps[at] && edge.second === second));
    const name = (node: number) => drafts[node]?.id ?? "";
    const waits = steps
      .slice(1)
      .map((second, at) => `${name(second)} waits for ${name(steps[at] ?? 0)} (${reasons[at]?.why})`);
    const places = reasons.flatMap((reason) => (reason?.place ? [reason.place] : []));
    const [place, ...others] = places;
    return {
      severity: "error",
      code: "cycle",
      message: `these wait for each other: ${waits.join("; ")}`,
      ...(place ? { place } : {}),
      related: others.map((other) => ({
        message: `also ordered here (${renderPlace(other)})`,
        place: other,
      })),
      remedy: "take one of these dependencies away",
    };
  });
}
