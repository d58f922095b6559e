import { readFileSync } from "node:fs";
import { type Diagnostic, renderDiagnostics } from "../../../src/core/common/diagnostic.ts";
import type { Result } from "../../../src/core/common/result.ts";
import type { Evidence } from "../../../src/core/evidence/evidence.ts";
import { assemblePlan } from "../../../src/core/plan/assemble-plan.ts";
import type { PlanOptions } from "../../../src/core/plan/plan-options.ts";
import type { PreflightReport } from "../../../src/core/preflight/preflight-report.ts";
import type { Registry } from "../../../src/core/registry/registry.ts";
import { parseRegistry } from "../../../src/core/registry/registry-parse.ts";
import type { RolloutEvent } from "../../../src/core/rollout/events.ts";
import type { StepOutcome } from "../../../src/core/rollout/outcome.ts";
import { parseInventory } from "../../../src/core/tree/inventory.ts";
import { pluginDecisions } from "../../../src/host/plugin-decisions.ts";
import { wrapHooks } from "../../../src/host/plugin-loader.ts";
import { execute } from "../../../src/io/execute.ts";
import { watchedBackend } from "../../../src/io/watched-backend.ts";
import { createHooks } from "../../../src/plugin.ts";
import { type SimulatedBackend, simulatedBackend } from "../../../src/simulation/backend.ts";
import type { ModelOverride } from "../../../src/simulation/chart-model.ts";
import { virtualClock } from "../../../src/simulation/clock.ts";
import type { Fault } from "../../../src/simulation/fault.ts";
import { wikimediaModel } from "../../../src/simulation/wikimedia-model.ts";
import type { OperatorShell } from "./operator-shell.ts";
import type { Outcomes } from "./summary.ts";

/** What differs from a tree of which everything comes up. */
export interface SimulatedWorld {
  /** A release (`namespace/name`) that does not get ready in any time that helm waits. */
  readonly neverReady?: string;
  readonly faults?: readonly Fault[];
  readonly overrides?: readonly ModelOverride[];
}

export interface SimulatedOptions extends Omit<PlanOptions, "servicesDir">, SimulatedWorld {
  readonly skipGates?: readonly string[];
  readonly failFast?: boolean;
  /** Told what happens; virtual time stands still meanwhile. */
  readonly on?: (event: RolloutEvent, backend: SimulatedBackend) => void;
}

export interface SimulatedRollout {
  readonly outcomes: Outcomes;
  readonly evidence: readonly Evidence[];
  /** Why each gate that did not open stayed shut. */
  readonly shut: readonly string[];
}

/**
 * Carries out the rollout of the shell's tree, as the verb `inventory` writes it, on the simulated cluster, with the
 * plugin's own hooks and the host's watch.
 */
export async function simulateRollout(
  shell: OperatorShell,
  options: SimulatedOptions,
): Promise<SimulatedRollout> {
  const { neverReady, faults, overrides, skipGates = [], failFast = false, on, ...planOptions } = options;
  const backend = await simulate(shell, {
    ...(neverReady === undefined ? {} : { neverReady }),
    ...(faults ? { faults } : {}),
    ...(overrides ? { overrides } : {}),
  });
  const registry = registryOf(shell);
  const { plan, diagnostics } = assemblePlan(backend.tree, registry, {
    ...planOptions,
    servicesDir: shell.servicesDir,
  });
  if (!plan) throw new Error(renderDiagnostics(diagnostics));
  const ended = new Map<string, StepOutcome["kind"]>();
  const evidence: Evidence[] = [];
  const shut: string[] = [];
  const { outcomes, commands } = await execute(plan, {
    backend: watchedBackend(backend, {
      plan,
      failFast,
      clusterOf: () => backend.reader,
      outcomeOf: (step) => ended.get(step),
    }),
    jobs: 8,
    skipGates: new Set(skipGates),
    decide: pluginDecisions(plan, { plugin: pluginOn(backend, registry) }),
    on: (event) => {
      if (event.type === "step-finished") ended.set(event.step.id, event.outcome.kind);
      if (event.type === "step-noticed") evidence.push(event.evidence);
      if (event.type === "gate-stayed-shut") shut.push(event.reason);
      on?.(event, backend);
    },
  });
  const all = [...outcomes, ...commands].map(([id, { kind }]) => [id, kind]);
  return { outcomes: Object.fromEntries(all), evidence, shut };
}

/** Asks the plugin on a simulated cluster what a real preflight was asked. */
export async function simulatePreflight(
  shell: OperatorShell,
  backend: SimulatedBackend,
  { environment, targets }: PreflightReport,
): Promise<PreflightReport> {
  const pairs = targets.map(({ namespace, release }) => ({ namespace, release }));
  const plugin = pluginOn(backend, registryOf(shell));
  const { report } = await plugin.ask("rollout:preflight", { version: 1, environment, targets: pairs });
  if (!report) throw new Error("the plugin gave no report");
  return report;
}

/** The plugin as the host has it, on a simulated cluster. */
function pluginOn({ reader }: Pick<SimulatedBackend, "reader">, registry: Registry) {
  return wrapHooks({
    name: "charlie-plugin-mediawiki",
    hooks: createHooks(registry, () => reader),
    seconds: () => 60,
    signal: new AbortController().signal,
  });
}

function registryOf({ registryFile: file }: Pick<OperatorShell, "registryFile">): Registry {
  return parsed(parseRegistry({ file, text: readFileSync(file, "utf8") }));
}

/** An empty simulated cluster for the releases of the shell's tree. */
export async function simulate(
  shell: OperatorShell,
  { neverReady, faults = [], overrides = [] }: SimulatedWorld = {},
): Promise<SimulatedBackend> {
  const { stdout } = await shell.charlie(["inventory", "-e", "eqiad"]);
  const tree = parsed(parseInventory({ file: "inventory", text: stdout }));
  const release = tree.services.flatMap(({ releases }) => releases).find(({ id }) => id === neverReady);
  if (neverReady !== undefined && !release) throw new Error(`the tree has no ${neverReady}`);
  const slow = release ? [{ kind: "slow", release: release.id, factor: 1e6 } as const] : [];
  return simulatedBackend({
    tree,
    clock: virtualClock(),
    model: { ...wikimediaModel, overrides: [...wikimediaModel.overrides, ...overrides] },
    faults: [...slow, ...faults],
  });
}

function parsed<Value>(result: Result<Value, readonly Diagnostic[]>): Value {
  if (!result.ok) throw new Error(renderDiagnostics(result.failure));
  return result.value;
}
