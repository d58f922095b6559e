import { readFileSync } from "node:fs";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import type { Tree } from "../../src/core/common/release.ts";
import type { Result } from "../../src/core/common/result.ts";
import type { HookName, HookRequests } from "../../src/core/hooks/hooks.ts";
import { assemblePlan } from "../../src/core/plan/assemble-plan.ts";
import type { Registry } from "../../src/core/registry/registry.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import { parseInventory } from "../../src/core/tree/inventory.ts";
import { deploymentManifest, rendered, serviceManifest } from "./rendered.ts";

const root = new URL("../../", import.meta.url);

/** The registry of this package. */
export const wikimedia: Registry = sound(parseRegistry(sourceOf("registry.yaml")));

const inventory = sourceOf("fixtures/inventories/services-eqiad.json");

/** What helmfile lists in eqiad. */
export const eqiad: Tree = sound(parseInventory(inventory));

/** The same as it is written down. */
export const writtenEqiad: object = JSON.parse(inventory.text);

const selection = { service: [], exclude: ["cirrus-streaming-updater"], priority: ["thumbor"] };
const planned = assemblePlan(eqiad, wikimedia, { mode: "restore", servicesDir: "/srv/services", selection });
if (!planned.plan) throw new Error(renderDiagnostics(planned.diagnostics));

const { plan } = planned;
const [daemonSets] = plan.gates;
const outcomes = Object.fromEntries(plan.steps.map(({ id }) => [id, "succeeded" as const]));

/** A request of each hook, about eqiad, with every key that it may have. */
export const eqiadRequests: { readonly [Name in HookName]: HookRequests[Name] } = {
  "releases:classify": { version: 1, tree: eqiad, flags: { "support-only": true } },
  "rollout:plan": {
    ...{ version: 1, tree: eqiad, mode: "restore", servicesDir: "/srv/services" },
    selection: { ...selection, resumeAt: "apertium" },
    flags: { "with-mediawiki": true },
  },
  "stage:before": { version: 1, plan, stage: "mediawiki", outcomes },
  "stage:after": {
    ...{ version: 1, plan, outcomes, waitedSeconds: 2.5 },
    stage: daemonSets?.stage ?? "",
    gate: daemonSets?.id ?? "",
  },
  "rollout:preflight": {
    version: 1,
    environment: "eqiad",
    targets: [{ namespace: "mw-web", release: "main" }],
    deployments: { file: "deployments.yaml", text: "- { namespace: mw-web, releases: { canary: {} } }\n" },
    tree: eqiad,
  },
  "tree:check": {
    ...{ version: 1, cluster: true, trees: [eqiad], allEnvironments: false },
    selection: { service: ["mw-*"], exclude: ["mw-mcrouter"] },
    registry: sourceOf("registry.yaml"),
    rendered: [
      rendered({
        "mw-web/main": [deploymentManifest("web", ["$(STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST)"])],
        "mw-web/prometheus": [serviceManifest("statsd-exporter-prometheus")],
        "mw-cron/main": [deploymentManifest("cron", ["$(STATSD_EXPORTER_PROMETHEUS_SERVICE_HOST)"])],
      }),
    ],
    deployments: { file: "deployments.yaml", text: "- { namespace: mw-web, releases: { canary: {} } }\n" },
  },
  "rollout:finish": {
    ...{ version: 1, plan, outcomes, flags: {} },
    commands: { mediawiki: "failed" },
  },
};

function sourceOf(file: string): { file: string; text: string } {
  return { file, text: readFileSync(new URL(file, root), "utf8") };
}

function sound<Value>(result: Result<Value, Parameters<typeof renderDiagnostics>[0]>): Value {
  if (!result.ok) throw new Error(renderDiagnostics(result.failure));
  return result.value;
}
