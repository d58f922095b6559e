// own-backend REGISTRY INVENTORY: brings up what MediaWiki needs, by another way than helmfile on this host.
import {
  assemblePlan,
  type Backend,
  execute,
  loadInventory,
  loadRegistry,
  renderDiagnostics,
  renderSummary,
} from "charlie-plugin-mediawiki";

const [registryFile = "registry.yaml", inventoryFile = "eqiad.json"] = process.argv.slice(2);
const [registry, tree] = [await loadRegistry(registryFile), await loadInventory(inventoryFile)];
if (!registry.ok) throw new Error(renderDiagnostics(registry.failure));
if (!tree.ok) throw new Error(renderDiagnostics(tree.failure));

const servicesDir = "/srv/deployment-charts/helmfile.d/services";
const { plan, diagnostics } = assemblePlan(tree.value, registry.value, {
  mode: "apply",
  servicesDir,
  supportOnly: true,
});
if (!plan) throw new Error(renderDiagnostics(diagnostics));

/** Where a real one would hand the step to a deployment service, and wait for its end. */
const backend: Backend = {
  run: async (step, { output, signal }) => {
    if (signal.aborted) return { ok: false, blocked: "stopped before it began" };
    output(`helmfile ${step.args.join(" ")}`);
    return { ok: true };
  },
  runCommand: async (command) => ({
    ok: false,
    failure: { kind: "spawn", message: `nobody here runs ${command[0]}` },
  }),
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

const result = await execute(plan, {
  backend,
  jobs: 4,
  on: (event) => {
    if (event.type === "step-printed") console.log(`${event.step.releases.join(", ")}: ${event.line}`);
  },
});
console.log(renderSummary(plan, result));
process.exitCode = [...result.outcomes.values()].every(({ kind }) => kind === "succeeded") ? 0 : 1;
