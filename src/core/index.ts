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

export type { CheckQuestion, RenderedEnvironment } from "./check/check-facts.ts";
export { checkRegistry } from "./check/check-registry.ts";
export type { Finding, FindingSeverity } from "./check/finding.ts";
export { proposeRegistry, type RegistryProposal } from "./check/registry-proposal.ts";
export { type ClusterFailure, clusterFailureKinds } from "./cluster/cluster-failure.ts";
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
} from "./cluster/cluster-reader.ts";
export {
  type Diagnostic,
  type Place,
  renderDiagnostic,
  renderDiagnostics,
  renderPlace,
} from "./common/diagnostic.ts";
export {
  type Release,
  type ReleaseClass,
  type ReleaseId,
  releaseClasses,
  releaseId,
  type Service,
  type Tree,
  type UnreadableService,
} from "./common/release.ts";
export type { Result } from "./common/result.ts";
export { type Evidence, renderEvidence } from "./evidence/evidence.ts";
export {
  type Elsewhere,
  type ExplainContext,
  type Explanation,
  explain,
  type Fate,
} from "./explain/explain.ts";
export { findSubject, type Subject } from "./explain/explained-subject.ts";
export { renderExplanation } from "./explain/render-explanation.ts";
export { renderRunbook } from "./explain/runbook.ts";
export type { RunbookFacts } from "./explain/runbook-facts.ts";
export { describeFailure } from "./helmfile-output/describe-failure.ts";
export { parseHookRequest } from "./hooks/hook-request.ts";
export { requestSchemas } from "./hooks/hook-requests.ts";
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
} from "./hooks/hooks.ts";
export { type Manifest, type ManifestVerb, manifestSchema } from "./hooks/plugin-manifest.ts";
export { deriveDependencies } from "./manifests/derive.ts";
export {
  type Derived,
  type DerivedEdge,
  type DerivedEvidence,
  type EdgeKind,
  edgeKinds,
  type RenderedRelease,
  type UnmadeObject,
  type UnprovidedVariable,
} from "./manifests/derived.ts";
export { type MadeByRelease, type MadeObject, madeByRelease } from "./manifests/made-by-release.ts";
export { type ObjectsByRelease, objectsByRelease } from "./manifests/objects-by-release.ts";
export { renderDerived } from "./manifests/render-derived.ts";
export { type RenderedObject, readRenderedObjects } from "./manifests/rendered-objects.ts";
export { type AssembledPlan, assemblePlan } from "./plan/assemble-plan.ts";
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
} from "./plan/plan.ts";
export type { PlanOptions } from "./plan/plan-options.ts";
export { renderPlan } from "./plan/render-plan.ts";
export type { Wait } from "./plan/waits.ts";
export { chooseActions } from "./plan/what-exists.ts";
export { type PreflightQuestion, preflight, readinessOf } from "./preflight/preflight.ts";
export {
  type PreflightFinding,
  type PreflightReport,
  type PreflightTarget,
  preflightReportSchema,
} from "./preflight/preflight-report.ts";
export { type Verdicts, verdictsOf } from "./registry/class-verdicts.ts";
export { type Classification, type ClassifiedRelease, classify } from "./registry/classify.ts";
export {
  emptyRegistry,
  type Member,
  type NamespaceEntry,
  type ProvidedEntry,
  type Registry,
  type Rule,
  type StageEntry,
  type Wave,
  type Waves,
} from "./registry/registry.ts";
export { parseRegistry } from "./registry/registry-parse.ts";
export type { Backend, BackendResult, Mending, ProgramResult, RunContext } from "./rollout/backend.ts";
export type { RolloutEvent, RolloutResult } from "./rollout/events.ts";
export type { StepFailure, StepOutcome } from "./rollout/outcome.ts";
export { parseInventory, renderInventory } from "./tree/inventory.ts";
export { type SelectedServices, type Selection, selectServices } from "./tree/selection.ts";
export { renderPreflight } from "./view/render-preflight.ts";
export { renderSummary } from "./view/render-summary.ts";
