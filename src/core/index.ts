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
export type { Backend, BackendResult, RunContext } from "./backend.ts";
export { type Classification, type ClassifiedRelease, classify } from "./classify.ts";
export {
  type Diagnostic,
  type Place,
  renderDiagnostic,
  renderDiagnostics,
  renderPlace,
} from "./diagnostic.ts";
export type { RolloutEvent, RolloutResult } from "./events.ts";
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
  type Selection,
} from "./hooks.ts";
export { parseInventory, renderInventory } from "./inventory.ts";
export { type Manifest, type ManifestVerb, manifestSchema } from "./manifest.ts";
export { describeFailure, type StepFailure, type StepOutcome } from "./outcome.ts";
export {
  type Excluded,
  type Gate,
  type Plan,
  type PlanMode,
  planSchema,
  type Stage,
  type Step,
} from "./plan.ts";
export type { PlanOptions } from "./plan-options.ts";
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
export { renderPlan, renderSummary } from "./report.ts";
export type { Result } from "./result.ts";
export { type SelectedServices, selectServices } from "./selection.ts";
