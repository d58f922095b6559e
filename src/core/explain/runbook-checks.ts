import { clusterCommand } from "../cluster/cluster-command.ts";
import { shellBlock } from "../common/markdown.ts";
import { namespaceOf, namespacesOfReleases } from "../common/release.ts";
import { counted } from "../common/words.ts";
import { deployingKubeconfigs } from "../plan/cluster-kubeconfigs.ts";
import type { Plan, Stage } from "../plan/plan.ts";
import { type RunbookFacts, stepsOfStage } from "./runbook-facts.ts";
import { shellBlocks } from "./shell-loop.ts";

/** What to look at after a stage: that its releases are deployed, and what its gate opens on. */
export function renderChecks(stage: Stage, { plan }: Pick<RunbookFacts, "plan">): string[] {
  const steps = stepsOfStage(stage.name, plan);
  // Where helmfile gives no namespace, nothing here knows which one it is.
  const releases = [...steps.flatMap((step) => step.releases), ...(stage.runDeploys ?? [])].filter(
    (id) => namespaceOf(id) !== "",
  );
  const namespaces = namespacesOfReleases(releases);
  if (namespaces.length === 0) return [];
  return [
    "### Check",
    `helm must say \`deployed\` of ${releases.length === 1 ? "the release" : `each of the ${releases.length} releases`}, in ${counted(namespaces.length, "namespace")}:`,
    looking("helm", "list --all", { namespaces, plan }),
    ...renderGateChecks(stage, plan),
  ];
}

function renderGateChecks(stage: Stage, plan: Plan): string[] {
  const gates = plan.gates.filter((gate) => gate.stage === stage.name);
  if (gates.length === 0) return [];
  const waited = new Set(gates.flatMap(({ steps }) => steps));
  const releases = plan.steps.filter(({ id }) => waited.has(id)).flatMap((step) => step.releases);
  const namespaces = namespacesOfReleases(releases);
  const provided = (plan.provides ?? []).filter(({ release }) => releases.includes(release));
  const services = [...new Set(provided.map(({ service }) => service))];
  const { settleSeconds = 0 } = plan;
  const settle = settleSeconds > 0 ? `, and have had it for ${settleSeconds} s` : "";
  return [
    ...(services.length > 0
      ? [
          `The gate waits for these Services: each must have a \`CLUSTER-IP\`, not \`None\`${settle}:`,
          ...services.map((service) => {
            const own = provided.filter((one) => one.service === service).map(({ release }) => release);
            return looking("kubectl", `get service ${service}`, {
              namespaces: [...new Set(own.map(namespaceOf))],
              plan,
            });
          }),
        ]
      : []),
    "The gate waits for DaemonSets of these releases: each must have as many pods `READY` as are `DESIRED`, at least one. Where there is none, there is nothing to wait for:",
    looking("kubectl", "get daemonsets", { namespaces, plan }),
  ];
}

function looking(
  program: "helm" | "kubectl",
  words: string,
  { namespaces, plan }: { readonly namespaces: readonly string[]; readonly plan: Plan },
): string {
  const items = namespaces.map((namespace) => {
    const [kubeconfig] = deployingKubeconfigs(plan, namespace);
    return { name: namespace, lines: [clusterCommand(program, words, { namespace, kubeconfig })] };
  });
  return shellBlock(shellBlocks(items, { variable: "namespace" }).flat());
}
