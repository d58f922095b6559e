import { namespacesOfReleases } from "../common/release.ts";
import type { Plan, Stage } from "./plan.ts";

/**
 * The files that may lead to the cluster for a namespace, in the order in which they are tried, each once: the
 * registry's template, filled in, then those that the namespace's helmfiles hand to helm.
 *
 * @example kubeconfigsOf("mw-web", { template: "/etc/{namespace}-{environment}.config", environment: "eqiad" })
 * // ["/etc/mw-web-eqiad.config"]
 */
export function kubeconfigsOf(
  namespace: string,
  context: {
    /** With `{namespace}` and `{environment}`, which are filled in. */
    readonly template?: string | undefined;
    readonly environment: string;
    readonly named?: readonly string[];
  },
): string[] {
  const { template, environment, named = [] } = context;
  // Where helmfile gives no namespace, a template that wants one leads nowhere.
  const isUsable = template !== undefined && (namespace !== "" || !template.includes("{namespace}"));
  const filled = isUsable
    ? [template.replaceAll("{namespace}", namespace).replaceAll("{environment}", environment)]
    : [];
  return [...new Set([...filled, ...named])];
}

/** The kubeconfigs that may deploy to a namespace of a plan, in the order in which they are tried. */
export function deployingKubeconfigs(plan: Plan, namespace: string): string[] {
  const named = plan.steps
    .filter((step) => step.releases.some((id) => id.startsWith(`${namespace}/`)))
    .flatMap(({ kubeconfig }) => kubeconfig ?? []);
  return kubeconfigsOf(namespace, {
    template: plan.cluster?.kubeconfig,
    environment: plan.environment,
    named,
  });
}

/**
 * The kubeconfigs that a preflight of what the command of a stage deploys looks with, of each namespace. It asks no helmfile:
 * what steps name is nothing to it.
 */
export function handOffKubeconfigs(
  { cluster, environment }: Pick<Plan, "cluster" | "environment">,
  { runDeploys = [] }: Pick<Stage, "runDeploys">,
): string[][] {
  return namespacesOfReleases(runDeploys).map((namespace) =>
    kubeconfigsOf(namespace, { template: cluster?.kubeconfig, environment }),
  );
}
