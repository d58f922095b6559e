import { setMaxListeners } from "node:events";
import { readFileSync } from "node:fs";
import { renderDiagnostics } from "../../src/core/common/diagnostic.ts";
import type { Tree } from "../../src/core/common/release.ts";
import { describeFailure } from "../../src/core/helmfile-output/describe-failure.ts";
import { journalEvent } from "../../src/core/journal/journal-event.ts";
import type { JournalHeader } from "../../src/core/journal/journal-line.ts";
import { assemblePlan } from "../../src/core/plan/assemble-plan.ts";
import type { Plan } from "../../src/core/plan/plan.ts";
import { parseRegistry } from "../../src/core/registry/registry-parse.ts";
import type { StepOutcome } from "../../src/core/rollout/outcome.ts";
import { parseInventory } from "../../src/core/tree/inventory.ts";
import { pluginDecisions } from "../../src/host/plugin-decisions.ts";
import { wrapHooks } from "../../src/host/plugin-loader.ts";
import { execute } from "../../src/io/execute.ts";
import type { ExecuteOptions } from "../../src/io/execute-options.ts";
import { watchedBackend } from "../../src/io/watched-backend.ts";
import { createHooks } from "../../src/plugin.ts";
import { simulatedBackend } from "../../src/simulation/backend.ts";
import { virtualClock } from "../../src/simulation/clock.ts";
import type { Fault } from "../../src/simulation/fault.ts";

const registry = (() => {
  const parsed = parseRegistry({ file: "registry.yaml", text: readFileSync("registry.yaml", "utf8") });
  if (!parsed.ok) throw new Error(renderDiagnostics(parsed.failure));
  return parsed.value;
})();

/** The real services of eqiad, as helmfile lists them. */
export function eqiadTree(): Tree {
  const file = "fixtures/inventories/services-eqiad.json";
  const parsed = parseInventory({ file, text: readFileSync(file, "utf8") });
  if (!parsed.ok) throw new Error(renderDiagnostics(parsed.failure));
  return parsed.value;
}

export interface SimulatedRunOptions {
  readonly faults?: readonly Fault[];
  readonly jobs?: number;
  readonly header?: Partial<JournalHeader>;
  readonly withMediawiki?: boolean;
}

/** A restore on the simulated cluster, with the plugin's own hooks: the journal that it writes. */
export async function simulatedJournal(tree: Tree, options: SimulatedRunOptions = {}): Promise<string> {
  const { faults = [], jobs = 16, withMediawiki = true, header } = options;
  const backend = simulatedBackend({ tree, clock: virtualClock(), faults });
  const { plan, diagnostics } = assemblePlan({ ...tree, unreadable: [] }, registry, {
    ...{ mode: "restore", servicesDir: "/srv/deployment-charts/helmfile.d/services", withMediawiki },
  });
  if (!plan) throw new Error(renderDiagnostics(diagnostics));
  const { signal } = new AbortController();
  // As the host's own: each gate that is asked about listens.
  setMaxListeners(0, signal);
  const plugin = wrapHooks({
    name: "charlie-plugin-mediawiki",
    hooks: createHooks(registry, () => backend.reader),
    seconds: () => 60,
    signal,
  });
  const ended = new Map<string, StepOutcome["kind"]>();
  const clusterOf = () => backend.reader;
  const watched = { plan, failFast: false, clusterOf, outcomeOf: (step: string) => ended.get(step) };
  return journalOfRollout(plan, {
    ...{ backend: watchedBackend(backend, watched), jobs, decide: pluginDecisions(plan, { plugin }) },
    ...(header && { header }),
    on: (event) => {
      if (event.type === "step-finished") ended.set(event.step.id, event.outcome.kind);
    },
  });
}

/** The journal of a plan that this backend carries out; a connection that is refused is tried again, up to three times. */
export async function journalOfRollout(
  plan: Plan,
  options: Pick<ExecuteOptions, "backend" | "jobs" | "decide" | "on"> & {
    readonly header?: Partial<JournalHeader>;
  },
): Promise<string> {
  const { header, on, ...execution } = options;
  const now = () => execution.backend.now();
  const started = now();
  const lines = [JSON.stringify(headerOf(plan, header))];
  const write = (line: object) => {
    const elapsedMs = Math.round(now() - started);
    const time = new Date(Date.UTC(2026, 9, 5, 11, 0, 0, elapsedMs)).toISOString();
    lines.push(JSON.stringify({ ...line, time, elapsedMs }));
  };
  write({ type: "plan", plan });
  await execute(plan, {
    ...execution,
    retry: (failure, tries) =>
      tries < 3 && describeFailure(failure).includes("connection refused")
        ? { reason: "the connection was refused", afterMs: 5000 * 2 ** (tries - 1) }
        : undefined,
    on: (event) => {
      on?.(event);
      const kept = journalEvent(event);
      if (kept) write(kept);
    },
  });
  return `${lines.join("\n")}\n`;
}

function headerOf(plan: Plan, overrides: Partial<JournalHeader> = {}): JournalHeader {
  return {
    type: "journal",
    version: 1,
    run: "eqiad-20261005T110000Z-42",
    environment: plan.environment,
    time: "2026-10-05T11:00:00.000Z",
    argv: ["restore", "-e", "eqiad", "--yes", "--with-mediawiki"],
    cwd: "/home/alice",
    user: "alice",
    host: "deploy1003",
    from: "10.64.0.7",
    pid: 42,
    processStart: "boot:1",
    tools: { "charlie-mediawiki": "1.2.3", helmfile: "1.7.4", helm: "3.19.0" },
    ...overrides,
  };
}
