import { clusterCommand } from "../cluster/cluster-command.ts";
import type { ContainerFacts, PodFacts, ServiceFacts } from "../cluster/cluster-reader.ts";
import { isoTime } from "../common/iso-time.ts";
import { counted, firstOf } from "../common/words.ts";
import { variableOf } from "../manifests/service-variable.ts";
import type { NamespaceFacts } from "./preflight-facts.ts";
import type { PreflightFinding } from "./preflight-report.ts";

/**
 * The containers that run since before a Service was made: a container gets the variables of Services when it starts,
 * so these have none of it, or one with the address of a Service that is gone. What counts is when the container
 * started, not how old its pod is: one that was restarted has the variable.
 *
 * A job is only warned about: it ends by itself, and nothing may be held up for as long as that takes.
 *
 * @param pods those of one release, by name
 */
export function staleFindingsOf(pods: readonly PodFacts[], context: StaleContext): PreflightFinding[] {
  const stale = pods.flatMap((pod) => {
    const starts = staleStarts(pod, context);
    return starts.length > 0 ? [{ pod, starts }] : [];
  });
  const isOfJob = ({ pod: { owner } }: StalePod) => owner?.kind === "Job";
  return [
    ...describeStale(
      stale.filter((one) => !isOfJob(one)),
      { ...context, severity: "error" },
    ),
    ...describeStale(stale.filter(isOfJob), { ...context, severity: "warning" }),
  ];
}

interface StaleContext {
  readonly release: string;
  readonly service: ServiceFacts;
  readonly facts: NamespaceFacts;
}

interface StalePod {
  readonly pod: PodFacts;
  /** When its containers started that lack the variable, in milliseconds. */
  readonly starts: readonly number[];
}

function describeStale(
  stale: readonly StalePod[],
  { release, service, facts, severity }: StaleContext & Pick<PreflightFinding, "severity">,
): PreflightFinding[] {
  if (stale.length === 0) return [];
  const starts = stale.flatMap((one) => one.starts);
  const made = stale.map(({ pod }) => pod);
  const finding: PreflightFinding = {
    code: "container-older-than-service",
    severity,
    subject: `release ${facts.namespace}/${release}`,
    message: `${counted(starts.length, "container")} of ${counted(made.length, "pod")} (${firstOf(
      made.map(({ name }) => name),
      3,
    )}) ${starts.length === 1 ? "runs" : "run"} since ${isoTime(Math.min(...starts))}, and the Service ${service.name} was made at ${isoTime(service.createdAt)}: until a restart, ${variableOf(service.name)} is missing there or holds an old address`,
    remedy: remedies(made, facts).join("; "),
  };
  return [finding];
}

/** Kubernetes tells whole seconds. */
function staleStarts(pod: PodFacts, { service, facts }: StaleContext): number[] {
  if (pod.deleted || !pod.serviceLinks) return [];
  const variable = variableOf(service.name);
  const main = pod.containers.filter(({ init, ownVariables }) => !init && !ownVariables.includes(variable));
  const naming = main.filter(
    ({ variables, configMaps }) =>
      variables.includes(variable) ||
      configMaps.some((name) => facts.mentions.get(name)?.includes(variable) === true),
  );
  // Where it is known which container wants the variable, the pod's other ones do not matter: those beside one that
  // crash-looped until it found the Service are older, and lack nothing.
  return (naming.length > 0 ? naming : main)
    .flatMap(runningSince)
    .filter((startedAt) => startedAt < service.createdAt);
}

function runningSince({ state }: ContainerFacts): number[] {
  return state.kind === "running" ? [state.startedAt] : [];
}

const restartable = new Set(["Deployment", "StatefulSet", "DaemonSet"]);

/** What restarts them, by what keeps them. */
function remedies(pods: readonly PodFacts[], facts: NamespaceFacts): string[] {
  const owners = pods.filter(({ owner }) => restartable.has(owner?.kind ?? "")).map(ownerName);
  const jobs = pods.filter(({ owner }) => owner?.kind === "Job").map(ownerName);
  const others = pods.filter(({ owner }) => !restartable.has(owner?.kind ?? "") && owner?.kind !== "Job");
  const words = (texts: readonly string[]) => [...new Set(texts)].toSorted().join(" ");
  return [
    ...(owners.length > 0 ? [clusterCommand("kubectl", `rollout restart ${words(owners)}`, facts)] : []),
    ...(others.length > 0
      ? [clusterCommand("kubectl", `delete pod ${words(others.map(({ name }) => name))}`, facts)]
      : []),
    ...(jobs.length > 0 ? [`wait for ${words(jobs)}: the next run has the variable`] : []),
  ];
}

function ownerName({ owner }: PodFacts): string {
  return owner ? `${owner.kind.toLowerCase()}/${owner.name}` : "";
}
