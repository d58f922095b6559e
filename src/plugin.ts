import { assemblePlan } from "./core/assemble-plan.ts";
import { classify } from "./core/classify.ts";
import { assembleFinishNotes } from "./core/finish-notes.ts";
import { judgeGate } from "./core/gate-verdict.ts";
import type { CreatePlugin, Hooks } from "./core/hooks.ts";
import { emptyRegistry, type Registry } from "./core/registry.ts";
import { parseRegistry } from "./core/registry-parse.ts";

/** What `plugin.json` names: MediaWiki's hooks, bound to a registry. */
const createPlugin: CreatePlugin = ({ registry }) => {
  if (!registry) return { hooks: createHooks(emptyRegistry) };
  const parsed = parseRegistry(registry);
  if (!parsed.ok) return { hooks: {}, diagnostics: parsed.failure };
  return { hooks: createHooks(parsed.value) };
};

export default createPlugin;

/** The hooks of the plugin for a registry, for a host that has parsed it itself. */
export function createHooks(registry: Registry): Hooks {
  return {
    "releases:classify": async ({ tree, flags }) => {
      const { releases } = classify(tree, registry);
      const shown = flags["support-only"]
        ? releases.filter(({ class: name }) => name === "support")
        : releases;
      return {
        version: 1,
        releases: shown.map(({ release, class: releaseClass, reason, fault }) => ({
          service: release.service,
          release: release.id,
          class: releaseClass,
          reason,
          ...(fault ? { fault } : {}),
        })),
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
      return { version: 1, ...(plan ? { plan } : {}), diagnostics };
    },
    "stage:after": async ({ plan, gate, outcomes }) => {
      const steps = plan.gates.find(({ id }) => id === gate)?.steps ?? [];
      return { version: 1, ...judgeGate(steps, outcomes) };
    },
    "rollout:finish": async (request) => ({ version: 1, notes: assembleFinishNotes(request) }),
  };
}
