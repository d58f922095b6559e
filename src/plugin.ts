// zod before yaml: bundled the other way round, every command that reads a registry takes 5 ms longer to start.
import "./core/common/zod.ts";
import type { OpenCluster } from "./core/cluster/cluster-reader.ts";
import { nameOf, namespaceOf } from "./core/common/release.ts";
import type { CreatePlugin, Hooks, PreflightPair } from "./core/hooks/hooks.ts";
import { assemblePlan } from "./core/plan/assemble-plan.ts";
import { parseDeployments } from "./core/preflight/mediawiki-deployments.ts";
import { noCluster } from "./core/preflight/no-cluster.ts";
import { preflight } from "./core/preflight/preflight.ts";
import { preflightReason } from "./core/preflight/preflight-reason.ts";
import { misspelledEnvironment, unknownEnvironment } from "./core/preflight/unknown-environment.ts";
import { verdictsOf } from "./core/registry/class-verdicts.ts";
import { classify } from "./core/registry/classify.ts";
import { emptyRegistry, type Registry } from "./core/registry/registry.ts";
import { parseRegistry } from "./core/registry/registry-parse.ts";
import { assembleFinishNotes } from "./core/rollout/finish-notes.ts";
import { lookAtGate } from "./core/rollout/gate-on-cluster.ts";
import { judgeGate } from "./core/rollout/gate-verdict.ts";

/** What `plugin.json` names: MediaWiki's hooks, bound to a registry. */
const createPlugin: CreatePlugin = ({ registry, openCluster }) => {
  if (!registry) return { hooks: createHooks(emptyRegistry, openCluster) };
  const parsed = parseRegistry(registry);
  if (!parsed.ok) return { hooks: {}, diagnostics: parsed.failure };
  const { warnings = [] } = parsed.value;
  return { hooks: createHooks(parsed.value, openCluster), diagnostics: warnings };
};

export default createPlugin;

/**
 * The hooks of the plugin for a registry, for a host that has parsed it itself.
 *
 * @param openCluster looks at clusters; without it gates go by how their steps ended, and nothing holds up the
 *   hand-off
 *
 * @example
 * const hooks = createHooks(registry);
 * const answer = await hooks["releases:classify"]?.({ version: 1, tree, flags: {} });
 */
export function createHooks(registry: Registry, openCluster?: OpenCluster): Hooks {
  return {
    "releases:classify": async ({ tree, flags }) => {
      const { releases } = classify(tree, registry);
      const shown = flags["support-only"]
        ? releases.filter(({ class: name }) => name === "support")
        : releases;
      return {
        version: 1,
        releases: verdictsOf({ releases: shown }),
        diagnostics: [],
      };
    },
    "rollout:plan": async ({ tree, mode, servicesDir, selection, flags }) => {
      const { plan, diagnostics } = assemblePlan(tree, registry, {
        mode,
        servicesDir,
        selection,
        supportOnly: flags["support-only"] ?? false,
        withMediawiki: flags["with-mediawiki"] ?? false,
      });
      const misspelled = misspelledEnvironment(tree.environment, registry);
      const told = misspelled ? [misspelled, ...diagnostics] : diagnostics;
      return { version: 1, ...(plan ? { plan } : {}), diagnostics: told };
    },
    "stage:before": async ({ plan, stage }) => {
      const handedOver = plan.stages.find(({ name }) => name === stage)?.runDeploys;
      if (!handedOver || !openCluster) return { version: 1, proceed: true };
      const report = await preflight(
        { environment: plan.environment, targets: handedOver.map(toTarget) },
        { registry, open: openCluster },
      );
      return report.ready
        ? { version: 1, proceed: true }
        : { version: 1, proceed: false, reason: preflightReason(report) };
    },
    "stage:after": async ({ plan, gate: id, outcomes, waitedSeconds }) => {
      const gate = plan.gates.find((one) => one.id === id);
      if (!gate || !openCluster) return { version: 1, ...judgeGate(gate?.steps ?? [], outcomes) };
      const { settleSeconds, gateSeconds } = registry;
      const looking = { plan, outcomes, waitedSeconds, settleSeconds, gateSeconds, openCluster };
      return { version: 1, ...(await lookAtGate(gate, looking)) };
    },
    "rollout:preflight": async ({ environment, targets, deployments, tree }) => {
      if (!openCluster) return { version: 1, diagnostics: [noCluster] };
      const unknown = tree ? undefined : unknownEnvironment(environment, registry);
      if (unknown) return { version: 1, diagnostics: [unknown] };
      const read = deployments && parseDeployments(deployments, environment);
      if (read && !read.ok) return { version: 1, diagnostics: read.failure };
      const asked = read ? [...(targets ?? []), ...read.value.targets] : targets;
      const question = { environment, ...(asked ? { targets: asked } : {}), ...(tree ? { tree } : {}) };
      const report = await preflight(question, { registry, open: openCluster });
      const misspelled = tree && misspelledEnvironment(environment, registry);
      return { version: 1, report, diagnostics: misspelled ? [misspelled] : [] };
    },
    "tree:check": async (question) => {
      // It is more than all the others together, and asked for by one verb only.
      const { answerCheck } = await import("./core/check/check-answer.ts");
      return answerCheck(question, { registry, openCluster });
    },
    "rollout:finish": async (request) => ({ version: 1, notes: assembleFinishNotes(request, registry) }),
  };
}

function toTarget(id: string): PreflightPair {
  return { namespace: namespaceOf(id), release: nameOf(id) };
}
