import type { OpenCluster } from "../cluster/cluster-reader.ts";
import { namespacesAtOnce } from "../cluster/namespaces-at-once.ts";
import type { Tree } from "../common/release.ts";
import { sideBySide } from "../common/side-by-side.ts";
import { kubeconfigsOf } from "../plan/cluster-kubeconfigs.ts";
import type { Registry } from "../registry/registry.ts";
import { readNamespace } from "./preflight-facts.ts";
import { gatherKnowledge, type PreflightKnowledge } from "./preflight-knowledge.ts";
import type { PreflightReport } from "./preflight-report.ts";
import { namespacesAsked, targetNames } from "./preflight-targets.ts";
import { judgeNamespace, requiredHere } from "./preflight-verdict.ts";

/** What a preflight is to find out. */
export interface PreflightQuestion {
  readonly environment: string;
  /** MediaWiki's releases of the whole environment where it is absent. The release `*` stands for all of a namespace. */
  readonly targets?: readonly { readonly namespace: string; readonly release: string }[];
  /** What helmfile lists, to compare with. */
  readonly tree?: Tree;
}

/**
 * Whether releases of MediaWiki may be deployed: what they need first is deployed, its Services are there, and no
 * container runs since before them. Looks at each namespace by itself and collects all that is found; it never writes.
 *
 * The report is ready where every target is, so also where there is none. A target is not ready where an error was
 * found, or where its namespace could not be read entirely.
 *
 * @example
 * const report = await preflight({ environment: "eqiad" }, { registry, open });
 * if (readinessOf(report) === "not-ready") console.error(renderPreflight(report));
 */
export async function preflight(
  { environment, targets, tree }: PreflightQuestion,
  { registry, open }: { readonly registry: Registry; readonly open: OpenCluster },
): Promise<PreflightReport> {
  const knowledge = gatherKnowledge({ environment, tree }, registry);
  const isGuess = targets === undefined && tree === undefined;
  const judged = await sideBySide(namespacesAsked(targets, knowledge), {
    limit: namespacesAtOnce,
    work: async (asked) => {
      const kubeconfigs = kubeconfigsIn(asked.namespace, knowledge);
      const required = requiredHere(asked.namespace, knowledge);
      const wanted = new Set(required.flatMap(({ services }) => services));
      const reader = open(kubeconfigs);
      const { settleSeconds } = registry;
      const facts = await readNamespace(asked.namespace, { reader, kubeconfigs, wanted, settleSeconds });
      const names = targetNames(asked, facts.releases, knowledge);
      return {
        targets: judgeNamespace(names, { facts, required, knowledge, isGuess }),
        unread: facts.unread,
      };
    },
  });
  const all = judged.flatMap((one) => one.targets);
  return {
    version: 1,
    environment,
    ready: all.every(({ ready }) => ready),
    targets: all,
    couldNotCheck: judged.flatMap(({ unread }) => unread),
  };
}

/**
 * What a report comes to, as a word: `unknown` where no error was found, and something could not be checked that matters.
 * The command makes the exit code of it: 0 for `ready`, 1 for `not-ready`, and 3 for `unknown`.
 */
export function readinessOf({ targets }: PreflightReport): "ready" | "not-ready" | "unknown" {
  const findings = targets.flatMap((target) => target.findings);
  if (findings.some(({ severity }) => severity === "error")) return "not-ready";
  return targets.every(({ ready }) => ready) ? "ready" : "unknown";
}

function kubeconfigsIn(namespace: string, { registry, environment, listed }: PreflightKnowledge): string[] {
  const releases = (listed?.classification.releases ?? []).map(({ release }) => release);
  const named = releases
    .filter((release) => release.namespace === namespace)
    .flatMap(({ kubeconfig }) => kubeconfig ?? []);
  return kubeconfigsOf(namespace, { template: registry.kubeconfig, environment, named });
}
