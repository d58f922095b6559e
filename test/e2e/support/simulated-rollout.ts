import { readFileSync } from "node:fs";
import { assemblePlan } from "../../../src/core/assemble-plan.ts";
import { type Diagnostic, renderDiagnostics } from "../../../src/core/diagnostic.ts";
import { parseInventory } from "../../../src/core/inventory.ts";
import type { PlanOptions } from "../../../src/core/plan-options.ts";
import { parseRegistry } from "../../../src/core/registry-parse.ts";
import type { Result } from "../../../src/core/result.ts";
import { execute } from "../../../src/io/execute.ts";
import { type SimulatedBackend, simulatedBackend } from "../../../src/simulation/backend.ts";
import { virtualClock } from "../../../src/simulation/clock.ts";
import type { OperatorShell } from "./operator-shell.ts";
import type { Outcomes } from "./summary.ts";

export interface SimulatedOptions extends Omit<PlanOptions, "servicesDir"> {
  /** A release (`namespace/name`) that does not get ready in any time that helm waits. */
  readonly neverReady?: string;
  readonly skipGates?: readonly string[];
}

/** Carries out the rollout of the shell's tree, as the verb `inventory` writes it, on the simulated cluster. */
export async function simulateRollout(
  shell: OperatorShell,
  { neverReady, skipGates = [], ...planOptions }: SimulatedOptions,
): Promise<Outcomes> {
  const backend = await simulate(shell, neverReady);
  const registry = parsed(
    parseRegistry({ file: shell.registryFile, text: readFileSync(shell.registryFile, "utf8") }),
  );
  const options = { ...planOptions, servicesDir: shell.servicesDir };
  const { plan, diagnostics } = assemblePlan(backend.tree, registry, options);
  if (!plan) throw new Error(renderDiagnostics(diagnostics));
  const { outcomes, commands } = await execute(plan, { backend, jobs: 8, skipGates: new Set(skipGates) });
  return Object.fromEntries([...outcomes, ...commands].map(([id, { kind }]) => [id, kind]));
}

/** An empty simulated cluster for the releases of the shell's tree. */
export async function simulate(shell: OperatorShell, neverReady?: string): Promise<SimulatedBackend> {
  const { stdout } = await shell.charlie(["inventory", "-e", "eqiad"]);
  const tree = parsed(parseInventory({ file: "inventory", text: stdout }));
  const release = tree.services.flatMap(({ releases }) => releases).find(({ id }) => id === neverReady);
  if (neverReady !== undefined && !release) throw new Error(`the tree has no ${neverReady}`);
  const faults = release ? [{ kind: "slow", release: release.id, factor: 1e6 } as const] : [];
  return simulatedBackend({ tree, clock: virtualClock(), faults });
}

function parsed<Value>(result: Result<Value, readonly Diagnostic[]>): Value {
  if (!result.ok) throw new Error(renderDiagnostics(result.failure));
  return result.value;
}
