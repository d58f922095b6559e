import { clusterCommand } from "../cluster/cluster-command.ts";
import type { ContainerFacts, PodFacts, ServiceFacts } from "../cluster/cluster-reader.ts";
import { isoTime } from "../common/iso-time.ts";
import { counted, firstOf } from "../common/words.ts";
import { ownVariablesOf, variablesReadBy } from "../evidence/missing-variables.ts";
import { variableOf } from "../manifests/service-variable.ts";
import type { NamespaceFacts } from "./preflight-facts.ts";
import type { PreflightFinding } from "./preflight-report.ts";

/** When a container started, as its Service sees it. */
export type ServiceStart = "before" | "settling" | "after";

/**
 * Whether a container that runs since then has the Service's variables. `before`: it has none of them, or one with the
 * address of a Service that is gone. `settling`: it started after the Service was made, and before every kubelet has to
 * know of it by the registry, so nobody can tell. `after`: it has them.
 */
export function serviceStart(
  startedAt: number,
  { createdAt }: Pick<ServiceFacts, "createdAt">,
  settleSeconds: number,
): ServiceStart {
  if (startedAt < createdAt) return "before";
  // Kubernetes tells whole seconds: of so many, less than one may not have passed.
  const settled = settleSeconds === 0 ? createdAt : createdAt + (settleSeconds + 1) * 1000;
  return startedAt < settled ? "settling" : "after";
}

/**
 * The containers that run since before a Service was made, or since so soon after it that they may lack its variables
 * too: a container gets them when it starts. What counts is when the container started, not how old its pod is: one
 * that was restarted has the variable.
 *
 * Only what is certain stands in the way. A job is only warned about: it ends by itself, and nothing may be held up for
 * as long as that takes.
 *
 * @param pods those of one release, by name
 */
export function staleFindingsOf(pods: readonly PodFacts[], context: StaleContext): PreflightFinding[] {
  const older = pods.flatMap((pod) => staleStarts(pod, "before", context));
  const young = pods.flatMap((pod) => staleStarts(pod, "settling", context));
  const isOfJob = ({ pod: { owner } }: StalePod) => owner?.kind === "Job";
  return [
    ...olderFinding(
      older.filter((one) => !isOfJob(one)),
      { ...context, severity: "error" },
    ),
    ...olderFinding(older.filter(isOfJob), { ...context, severity: "warning" }),
    ...youngFinding(young, context),
  ];
}

interface StaleContext {
  readonly release: string;
  readonly service: ServiceFacts;
  readonly facts: NamespaceFacts;
  /** How long kubelets may take to learn of a Service, by the registry. */
  readonly settleSeconds: number;
}

interface StalePod {
  readonly pod: PodFacts;
  /** When its containers started that lack the variable, or may lack it, in milliseconds. */
  readonly starts: readonly number[];
}

function olderFinding(
  stale: readonly StalePod[],
  { release, service, facts, severity }: StaleContext & Pick<PreflightFinding, "severity">,
): PreflightFinding[] {
  if (stale.length === 0) return [];
  const { count, pods, since, isOne } = counts(stale);
  return [
    {
      code: "container-older-than-service",
      severity,
      subject: `release ${facts.namespace}/${release}`,
      message: `${count} ${isOne ? "runs" : "run"} since ${since}, and the Service ${service.name} was made at ${isoTime(service.createdAt)}: until a restart, ${variableOf(service.name)} is missing there or holds an old address`,
      remedy: remedies(pods, facts).join("; "),
    },
  ];
}

function youngFinding(
  young: readonly StalePod[],
  { release, service, facts, settleSeconds }: StaleContext,
): PreflightFinding[] {
  if (young.length === 0) return [];
  const { count, pods, since } = counts(young);
  return [
    {
      code: "container-soon-after-service",
      severity: "warning",
      subject: `release ${facts.namespace}/${release}`,
      message: `${count} started at ${since} or later, within ${settleSeconds} s of the Service ${service.name}, which was made at ${isoTime(service.createdAt)}: kubelet may not have known of it, and then ${variableOf(service.name)} is missing there or holds an old address until a restart`,
      remedy: `where it does: ${remedies(pods, facts).join("; ")}`,
    },
  ];
}

function counts(stale: readonly StalePod[]) {
  const starts = stale.flatMap((one) => one.starts);
  const pods = stale.map(({ pod }) => pod);
  const names = pods.map(({ name }) => name);
  const count = `${counted(starts.length, "container")} of ${counted(pods.length, "pod")} (${firstOf(names, 3)})`;
  return { count, pods, since: isoTime(Math.min(...starts)), isOne: starts.length === 1 };
}

/** The pod with those of its containers that started then; none where there are none. */
function staleStarts(
  pod: PodFacts,
  when: ServiceStart,
  { service, facts, settleSeconds }: StaleContext,
): StalePod[] {
  if (pod.deleted || !pod.serviceLinks) return [];
  const variable = variableOf(service.name);
  const main = pod.containers.filter(
    (container) => !container.init && !ownVariablesOf(container, facts.configMaps).has(variable),
  );
  const naming = main.filter((container) => {
    const own = [...facts.configMaps].filter(([name]) => container.configMaps.includes(name));
    return variablesReadBy(container, new Map(own)).has(variable);
  });
  // Where it is known which container wants the variable, the pod's other ones do not matter: those beside one that
  // crash-looped until it found the Service are older, and lack nothing.
  const starts = (naming.length > 0 ? naming : main)
    .flatMap(runningSince)
    .filter((startedAt) => serviceStart(startedAt, service, settleSeconds) === when);
  return starts.length > 0 ? [{ pod, starts }] : [];
}

/** When it started; nothing where it does not run. */
export function runningSince({ state }: ContainerFacts): number[] {
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
