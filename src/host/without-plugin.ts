import type { Hooks } from "../core/hooks/hooks.ts";
import { assemblePlan } from "../core/plan/assemble-plan.ts";
import { emptyRegistry } from "../core/registry/registry.ts";

/** What stands in for a plugin under `--no-plugin`: every release is alike, every service goes at once. */
export const hooksWithoutPlugin: Hooks = {
  "releases:classify": async ({ tree }) => ({
    version: 1,
    releases: tree.services.flatMap(({ releases }) =>
      releases.map(({ service, id }) => ({
        service,
        release: id,
        class: "other",
        reason: { text: "no plugin: every release is alike" },
      })),
    ),
    diagnostics: [],
  }),
  "rollout:plan": async ({ tree, mode, servicesDir, selection }) => {
    const { plan, diagnostics } = assemblePlan(tree, emptyRegistry, { mode, servicesDir, selection });
    return {
      version: 1,
      ...(plan ? { plan } : {}),
      diagnostics,
    };
  },
};
