/**
 * The pure half: text in, values out. It uses no Node built-ins, so it runs wherever JavaScript does.
 *
 * @example
 * const registry = parseRegistry({ file: "registry.yaml", text });
 * const tree = parseInventory({ file: "eqiad.json", text: inventory });
 * if (registry.ok && tree.ok) {
 *   const { plan, diagnostics } = assemblePlan(tree.value, registry.value, { mode: "restore", servicesDir });
 * }
 */

export { type AssembledPlan, assemblePlan } from "./assemble-plan.ts";
export type { Backend, BackendResult, Mending, ProgramResult, RunContext } from "./backend.ts";
export type { CheckQuestion, RenderedEnvironment } from "./check-facts.ts";
export { checkRegistry } from "./check-registry.ts";
export { type Classification, type ClassifiedRelease, classify } from "./classify.ts";
export { type ClusterFailure, clusterFailureKinds } from "./cluster-failure.ts";
export type {
  ClusterIdentity,
  ClusterReader,
  ContainerFacts,
  ContainerName,
  DaemonSetFacts,
  Ended,
  EventFacts,
  HelmRelease,
  OpenCluster,
  PodAge,
  PodFacts,
  Reading,
  ServiceFacts,
  Services,
  WatchTaker,
} from "./cluster-reader.ts";
export { deriveDependencies } from "./derive.ts";
export type {
  Derived,
  DerivedEdge,
  DerivedEvidence,
  RenderedRelease,
  UnprovidedVariable,
} from "./derived.ts";
export {
  type Diagnostic,
  type Place,
  renderDiagnostic,
  renderDiagnostics,
  renderPlace,
} from "./diagnostic.ts";
export type { RolloutEvent, RolloutResult } from "./events.ts";
export { type Evidence, renderEvidence } from "./evidence.ts";
export type { Finding, FindingSeverity } from "./finding.ts";
export {
  answerSchemas,
  type CreatePlugin,
  type HookAnswer,
  type HookName,
  type HookRequests,
  type Hooks,
  hookApiVersion,
  type Outcomes,
  type PluginFlags,
  type PluginInstance,
  type PluginSetup,
  type PreflightPair,
  type Selection,
} from "./hooks.ts";
export { parseInventory, renderInventory } from "./inventory.ts";
export { type Manifest, type ManifestVerb, manifestSchema } from "./manifest.ts";
export { describeFailure, type StepFailure, type StepOutcome } from "./outcome.ts";
export {
  type Excluded,
  type Gate,
  type Plan,
  type PlanCluster,
  type PlanMode,
  type ProvidedService,
  planSchema,
  type Stage,
  type Step,
} from "./plan.ts";
export type { PlanOptions } from "./plan-options.ts";
export { exitCodeOf, type PreflightQuestion, preflight } from "./preflight.ts";
export {
  type PreflightFinding,
  type PreflightReport,
  type PreflightTarget,
  preflightReportSchema,
} from "./preflight-report.ts";
export {
  emptyRegistry,
  type Member,
  type NamespaceEntry,
  type ProvidedEntry,
  type Registry,
  type Rule,
  type Sequence,
  type StageEntry,
  type Wave,
} from "./registry.ts";
export { parseRegistry } from "./registry-parse.ts";
export {
  type Release,
  type ReleaseClass,
  type ReleaseId,
  releaseClasses,
  releaseId,
  type Service,
  type Tree,
  type UnreadableService,
} from "./release.ts";
export { renderPreflight } from "./render-preflight.ts";
export { renderPlan, renderSummary } from "./report.ts";
export type { Result } from "./result.ts";
export { type SelectedServices, selectServices } from "./selection.ts";
export { chooseActions } from "./what-exists.ts";
