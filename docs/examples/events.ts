// events REGISTRY INVENTORY: a restore on the simulated cluster; others hear of it as lines of JSON, and the first failure
// lets nothing new begin.
import {
  assemblePlan,
  describeFailure,
  execute,
  loadInventory,
  loadRegistry,
  type RolloutEvent,
  renderDiagnostics,
  simulatedBackend,
  virtualClock,
} from "charlie-plugin-mediawiki";

const [registryFile = "registry.yaml", inventoryFile = "eqiad.json"] = process.argv.slice(2);
const [registry, tree] = [await loadRegistry(registryFile), await loadInventory(inventoryFile)];
if (!registry.ok) throw new Error(renderDiagnostics(registry.failure));
if (!tree.ok) throw new Error(renderDiagnostics(tree.failure));
const { plan, diagnostics } = assemblePlan(tree.value, registry.value, {
  mode: "restore",
  servicesDir: "/srv/deployment-charts/helmfile.d/services",
  selection: { exclude: tree.value.unreadable.map(({ service }) => service) },
});
if (!plan) throw new Error(renderDiagnostics(diagnostics));

const halting = new AbortController();
const say = (line: object) => console.log(JSON.stringify(line));
function take(event: RolloutEvent): void {
  switch (event.type) {
    case "stage-started":
      say({ stage: event.stage.name, steps: event.stage.steps.length });
      break;
    case "step-finished": {
      const { step, outcome } = event;
      if (outcome.kind !== "failed") break;
      say({ step: step.id, failed: describeFailure(outcome.failure) });
      // What runs goes on to its end: a helm that is stopped rolls back.
      halting.abort(`${step.id} failed`);
      break;
    }
    case "rollout-finished": {
      const outcomes = [...event.result.outcomes.values()];
      const succeeded = outcomes.filter(({ kind }) => kind === "succeeded").length;
      say({ succeeded, of: outcomes.length, stopped: event.result.stopped ?? null });
    }
  }
}

const backend = simulatedBackend({ tree: tree.value, clock: virtualClock() });
await execute(plan, { backend, jobs: 16, halt: halting.signal, on: take });
