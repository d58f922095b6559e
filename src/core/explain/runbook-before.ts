import { clusterCommand } from "../cluster/cluster-command.ts";
import { bullets, code, codes, shellBlock } from "../common/markdown.ts";
import { namespacesOfReleases } from "../common/release.ts";
import { quoted } from "../common/words.ts";
import { deployingKubeconfigs, kubeconfigsOf } from "../plan/cluster-kubeconfigs.ts";
import type { Plan } from "../plan/plan.ts";
import { commandLine } from "./runbook-command.ts";
import type { RunbookFacts } from "./runbook-facts.ts";
import { inRows } from "./shell-loop.ts";

/** What must be there, who is told, and whether the cluster is the empty one that it should be. */
export function renderBefore(facts: RunbookFacts): string[] {
  const { plan, servicesDir, withheld } = facts;
  const { cluster, lockFolder } = plan;
  return [
    "## Before you begin",
    bullets([
      `The helmfiles are in ${code(servicesDir)}, as they are to be deployed; \`helmfile\`, \`helm\` and \`kubectl\` are on PATH.`,
      ...(cluster?.kubeconfig === undefined
        ? []
        : [`You may read ${code(cluster.kubeconfig)} for each namespace that is deployed to.`]),
      "The namespaces that are deployed to are there, as with `createNamespace: false` helm does not make them: at Wikimedia they come with the cluster's own services (`helmfile.d/admin_ng`).",
      lockFolder === undefined
        ? "Nobody else deploys to this environment meanwhile."
        : `Nobody else deploys to this environment meanwhile: this tool locks it in ${code(lockFolder)}, plain commands do not.`,
      "Look at the plan, and that no release is `unclassified`:",
    ]),
    shellBlock([
      commandLine(["plan", "--mode", ...facts.command]),
      commandLine(["list", ...facts.command.slice(1)]),
    ]),
    ...renderWipedCheck(facts),
    ...renderLog(plan),
    "By hand, take away first what could make helmfile deploy something else (this tool does that by itself):",
    shellBlock(inRows(withheld).map((row) => `unset ${row}`)),
  ];
}

function renderWipedCheck({ plan, needsWipedCluster }: RunbookFacts): string[] {
  if (!needsWipedCluster) return [];
  const system = plan.cluster?.systemNamespaces ?? [];
  const [namespace = ""] = namespacesOfReleases(plan.steps.flatMap(({ releases }) => releases));
  const template = plan.cluster?.readKubeconfig;
  const [kubeconfig] = [
    ...(template === undefined ? [] : kubeconfigsOf(namespace, { template, environment: plan.environment })),
    ...deployingKubeconfigs(plan, namespace),
  ];
  const others = system.map((name) => `metadata.namespace!=${name}`).join(",");
  const selector = others === "" ? "" : ` --field-selector ${quoted(others)}`;
  return [
    `The cluster must be wiped: it is the right one, and its only pods are in ${codes(system)}. The first of these commands names its nodes, and the second must find no pod:`,
    shellBlock([
      clusterCommand("kubectl", "get nodes", { namespace: "", kubeconfig }),
      clusterCommand("kubectl", `get pods --all-namespaces${selector}`, { namespace: "", kubeconfig }),
    ]),
  ];
}

function renderLog({ log, mode, environment }: Plan): string[] {
  if (!log) return [];
  const line = (what: string) =>
    log.map((word) => quoted(word.replaceAll("{message}", `${mode} [${environment}] by hand: ${what}`)));
  return [
    "Others are told by the log: this tool writes a line at the start and one at the end. By hand, the first now and the second at the end:",
    shellBlock([line("START").join(" "), line("DONE").join(" ")]),
  ];
}
