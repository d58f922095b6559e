/**
 * The public API: the pure half (`./core`), and the edges that read helmfiles and carry plans out.
 *
 * @example
 * const tree = await discover({ servicesDir, environment: "codfw", env: process.env });
 * if (tree.ok) {
 *   const { plan } = assemblePlan(tree.value, registry, { mode: "apply", servicesDir, supportOnly: true });
 *   if (plan) await execute(plan, { backend: helmfileBackend({ env: process.env }), jobs: 8 });
 * }
 */
export * from "./core/index.ts";
export { type ClusterAccess, type ClusterAccessOptions, clusterAccess } from "./io/cluster-access.ts";
export { type DiscoverOptions, discover } from "./io/discover.ts";
export { execute } from "./io/execute.ts";
export type {
  Decisions,
  ExecuteOptions,
  GateJudgement,
  GateQuestion,
  Permission,
} from "./io/execute-options.ts";
export { helmfileEnvironment, stepEnvironment, withheldVariables } from "./io/helmfile.ts";
export { type HelmfileBackendOptions, helmfileBackend } from "./io/helmfile-backend.ts";
export { loadInventory } from "./io/inventory-file.ts";
export { type ReadManifests, readManifests } from "./io/read-manifests.ts";
export { loadRegistry } from "./io/registry-file.ts";
export {
  type NotRendered,
  type RenderedManifests,
  type RenderOptions,
  renderManifests,
} from "./io/render-manifests.ts";
export { type WatchedBackendOptions, watchedBackend } from "./io/watched-backend.ts";
export { createHooks } from "./plugin.ts";
export {
  type SimulatedBackend,
  type SimulatedBackendOptions,
  simulatedBackend,
} from "./simulation/backend.ts";
export { type Clock, scaledClock, type VirtualClockOptions, virtualClock } from "./simulation/clock.ts";
