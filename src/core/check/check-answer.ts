import type { OpenCluster } from "../cluster/cluster-reader.ts";
import type { Diagnostic } from "../common/diagnostic.ts";
import type { SourceText } from "../common/places.ts";
import type { HookAnswer, HookRequests } from "../hooks/hooks.ts";
import { parseDeployments } from "../preflight/mediawiki-deployments.ts";
import { noCluster } from "../preflight/no-cluster.ts";
import type { Registry } from "../registry/registry.ts";
import type { CheckQuestion } from "./check-facts.ts";
import { checkRegistry } from "./check-registry.ts";
import { readDeployed } from "./deployed-releases.ts";
import { proposeRegistry } from "./registry-proposal.ts";

type Question = HookRequests["tree:check"];

/** What a plugin answers to the hook `tree:check`. */
export async function answerCheck(
  question: Question,
  { registry, openCluster }: { readonly registry: Registry; readonly openCluster: OpenCluster | undefined },
): Promise<HookAnswer<"tree:check">> {
  const { deployments, trees } = question;
  const faults = deployments && trees[0] && deploymentsFaults(deployments, trees[0].environment);
  if (faults) return { version: 1, findings: [], diagnostics: faults };
  if (!question.cluster) return findAndPropose(question, registry);
  if (!openCluster) return { version: 1, findings: [], diagnostics: [noCluster] };
  const deployed = await Promise.all(
    trees.map((tree) => readDeployed(tree, { registry, open: openCluster })),
  );
  return findAndPropose({ ...question, deployed }, registry);
}

function findAndPropose(
  question: CheckQuestion & Pick<Question, "registry">,
  registry: Registry,
): HookAnswer<"tree:check"> {
  const findings = checkRegistry(registry, question);
  if (!question.registry) return { version: 1, findings, diagnostics: [] };
  const proposed = proposeRegistry(question.registry, question);
  return proposed.ok
    ? { version: 1, findings, proposal: proposed.value, diagnostics: [] }
    : { version: 1, findings, diagnostics: proposed.failure };
}

/** What makes the list unreadable. That it names nothing in one environment is for a check to tell. */
function deploymentsFaults(deployments: SourceText, environment: string): readonly Diagnostic[] | undefined {
  const read = parseDeployments(deployments, environment);
  return read.ok || read.failure.some(({ code }) => code === "nothing-here") ? undefined : read.failure;
}
